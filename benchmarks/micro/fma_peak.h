// What one core can do at most.
#pragma once

namespace gapbench::bench {

/// Floating-point operations a second of one thread that does nothing but fused multiply-adds of
/// the widest vectors at hand, a multiply-add counting 2: the best of a few trials, measured once
/// in each process. Cost: 0.2 s, the first time.
double fma_peak();

}  // namespace gapbench::bench
