#include "fma_peak.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace gapbench::bench {
namespace {

using V16 [[gnu::vector_size(16)]] = float;
using V32 [[gnu::vector_size(32)]] = float;
using V64 [[gnu::vector_size(64)]] = float;

// Enough independent chains to hide the latency of two units, few enough for 16 registers.
constexpr std::size_t chains = 10;

// GCC contracts x * factor + term where the target has such an instruction.
template <class V>
[[gnu::always_inline]] inline void multiply_add(std::size_t rounds) {
  V sums[chains];
  for (std::size_t i = 0; i < chains; ++i) sums[i] = V{} + static_cast<float>(i);
  const V factor = V{} + 0.999F;
  const V term = V{} + 0.001F;
  for (std::size_t k = 0; k < rounds; ++k) {
    for (V& sum : sums) sum = sum * factor + term;
  }
  for (V& sum : sums) benchmark::DoNotOptimize(sum);
}

#ifdef __x86_64__
[[gnu::target("arch=x86-64-v4"), gnu::noinline]] void run_v4(std::size_t rounds) {
  multiply_add<V64>(rounds);
}
[[gnu::target("arch=x86-64-v3"), gnu::noinline]] void run_v3(std::size_t rounds) {
  multiply_add<V32>(rounds);
}
#endif
[[gnu::noinline]] void run_default(std::size_t rounds) { multiply_add<V16>(rounds); }

struct Kernel {
  void (*run)(std::size_t);
  std::size_t lanes;
};

Kernel widest() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return {run_v4, 16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {run_v3, 8};
#endif
  return {run_default, 4};
}

double measure() {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t rounds = 2'000'000;
  const Kernel kernel = widest();
  double best = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const auto start = Clock::now();
    kernel.run(rounds);
    const std::chrono::duration<double> seconds = Clock::now() - start;
    const auto operations = static_cast<double>(2 * rounds * chains * kernel.lanes);
    best = std::max(best, operations / seconds.count());
  }
  return best;
}

}  // namespace

double fma_peak() {
  static const double peak = measure();
  return peak;
}

}  // namespace gapbench::bench
