// How the hand-written loops are compiled.
#pragma once

// Once for each x86-64 level, chosen on loading: without this they are compiled for SSE2 and cost
// as much as the convolutions. The choice is made by an ifunc, which the sanitizers' start-up does
// not survive.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define GAPBENCH_FOR_EACH_ISA \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GAPBENCH_FOR_EACH_ISA
#endif
