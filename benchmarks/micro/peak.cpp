#include "peak.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#ifdef __x86_64__
#include <immintrin.h>
#endif
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

/// What is timed, and the operations of one round.
struct Kernel {
  void (*run)(std::size_t rounds);
  std::size_t operations;
};

[[gnu::noinline]] void run_default(std::size_t rounds) { multiply_add<V16>(rounds); }

#ifdef __x86_64__
[[gnu::target("arch=x86-64-v4"), gnu::noinline]] void run_v4(std::size_t rounds) {
  multiply_add<V64>(rounds);
}
[[gnu::target("arch=x86-64-v3"), gnu::noinline]] void run_v3(std::size_t rounds) {
  multiply_add<V32>(rounds);
}

[[gnu::target("avx512f,avx512bf16"), gnu::noinline]] void run_bf16(std::size_t rounds) {
  __m512 sums[chains];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  __m512bh factor = _mm512_cvtne2ps_pbh(_mm512_set1_ps(1e-3F), _mm512_set1_ps(1e-3F));
  benchmark::DoNotOptimize(factor);
  for (std::size_t k = 0; k < rounds; ++k) {
    for (__m512& sum : sums) sum = _mm512_dpbf16_ps(sum, factor, factor);
  }
  for (__m512& sum : sums) benchmark::DoNotOptimize(sum);
}

/// Eight tiles of 16 rows of 64 bytes, as the processor reads it.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Four sums from two tiles of either factor: with fewer the latency shows.
[[gnu::target("amx-tile,amx-bf16"), gnu::noinline]] void run_tiles(std::size_t rounds) {
  static const TileShapes shapes;  // static: the intrinsic tells GCC of its first 8 bytes alone
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  for (std::size_t k = 0; k < rounds; ++k) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
}

bool cpu_has_tiles() {
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (d >> 22 & 1) != 0 && (d >> 24 & 1) != 0;  // AMX-BF16 and AMX-TILE
}

/// Linux lends the tiles to a process that asks.
bool may_use_tiles() {
#ifdef __linux__
  constexpr long request_permission = 0x1023, tile_data = 18;
  return cpu_has_tiles() && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

Kernel widest() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    return {run_v4, 2 * chains * 16};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {run_v3, 2 * chains * 8};
  return {run_default, 2 * chains * 4};
}

std::optional<Kernel> kernel_for(Arithmetic arithmetic) {
  if (arithmetic == Arithmetic::f32) return widest();
  if (arithmetic == Arithmetic::bf16) {
    if (!__builtin_cpu_supports("avx512bf16")) return {};
    return Kernel{run_bf16, 2 * chains * 32};
  }
  if (!may_use_tiles()) return {};
  return Kernel{run_tiles, std::size_t{2} * 4 * 16 * 16 * 32};
}
#else
std::optional<Kernel> kernel_for(Arithmetic arithmetic) {
  if (arithmetic != Arithmetic::f32) return {};
  return Kernel{run_default, 2 * chains * 4};
}
#endif

/// All threads at once: seconds of the slowest.
double seconds_of(const Kernel& kernel, std::size_t rounds, std::size_t threads) {
  using Clock = std::chrono::steady_clock;
  std::barrier together(static_cast<std::ptrdiff_t>(threads));
  std::vector<double> seconds(threads);
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.emplace_back([&, i] {
        together.arrive_and_wait();
        const auto start = Clock::now();
        kernel.run(rounds);
        seconds[i] = std::chrono::duration<double>(Clock::now() - start).count();
      });
    }
  }
  return std::ranges::max(seconds);
}

}  // namespace

std::optional<double> measured_peak(Arithmetic arithmetic, std::size_t threads) {
  const std::optional<Kernel> kernel = kernel_for(arithmetic);
  if (!kernel) return {};
  const std::size_t rounds = 600'000'000 / kernel->operations + 1;
  double best = 0;
  for (int trial = 0; trial < 20; ++trial) {
    const auto operations = static_cast<double>(rounds * kernel->operations * threads);
    best = std::max(best, operations / seconds_of(*kernel, rounds, threads));
  }
  return best;
}

double fma_peak() {
  static const double peak = *measured_peak(Arithmetic::f32, 1);
  return peak;
}

}  // namespace gapbench::bench
