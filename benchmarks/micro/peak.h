// What the machine's cores can do at most.
#pragma once

#include <cstddef>
#include <optional>

namespace gapbench::bench {

/// What multiplies and adds: f32 fused multiply-adds of the widest vectors at hand; vdpbf16ps of 512 bits (AVX512-BF16); tdpbf16ps on
/// tiles in registers (AMX). The last two have bf16 factors and f32 sums.
enum class Arithmetic { f32, bf16, tiles };

/// Floating-point operations a second of `threads` threads at once that do nothing else, a multiply-add
/// counting 2: the best of a few trials. Nothing where the processor, or the system, has none of it. Cost: about 0.1 s.
std::optional<double> measured_peak(Arithmetic arithmetic, std::size_t threads);

/// The f32 peak of one thread, measured once in each process.
double fma_peak();

}  // namespace gapbench::bench
