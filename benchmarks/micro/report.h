// What all micro-benchmarks report, and how they are run.
#pragma once

#include <benchmark/benchmark.h>

namespace gapbench::bench {

/// Of one iteration. A multiply-add is 2; elementwise work is not counted.
struct Work {
  double images = 0;
  double flops = 0;
};

/// Adds the counters images/s, GFLOP/s and "of peak", the share of fma_peak(); none where 0.
/// Rates are by CPU time: the benchmarks run on one thread.
void report(benchmark::State& state, const Work& work);

/// Everything registered, with Google Benchmark's flags; the peak stands in the context.
int run_registered(int argc, char** argv);

}  // namespace gapbench::bench
