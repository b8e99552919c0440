// What is visible outside libgapbench.
#pragma once

#define GAPBENCH_API __attribute__((visibility("default")))
