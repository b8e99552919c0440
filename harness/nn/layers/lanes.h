// Sixteen channels side by side: one vector register of AVX-512.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "nn/bf16.h"

// Lanes never cross a call that is not inlined.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace gapbench::nn {

using Lanes [[gnu::vector_size(64)]] = float;

[[gnu::always_inline]] inline Lanes load(const float* from) {
  Lanes x;
  std::memcpy(&x, from, sizeof x);
  return x;
}

[[gnu::always_inline]] inline void store(const Lanes& x, float* to) {
  std::memcpy(to, &x, sizeof x);
}

[[gnu::always_inline]] inline Lanes load(const Bf16* from) {
  using Halves [[gnu::vector_size(32)]] = std::uint16_t;
  using Words [[gnu::vector_size(64)]] = std::uint32_t;
  Halves halves;
  std::memcpy(&halves, from, sizeof halves);
  const Words words = __builtin_convertvector(halves, Words) << 16;
  Lanes x;
  std::memcpy(&x, &words, sizeof x);
  return x;
}

/// Rounds as narrow().
[[gnu::always_inline]] inline void store(const Lanes& x, Bf16* to) {
  using Halves [[gnu::vector_size(32)]] = std::uint16_t;
  using Words [[gnu::vector_size(64)]] = std::uint32_t;
  Words bits;
  std::memcpy(&bits, &x, sizeof bits);
  const Words rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
  const Words nan = reinterpret_cast<Words>(x != x);
  const Halves halves = __builtin_convertvector((rounded & ~nan) | (0x7FC0U & nan), Halves);
  std::memcpy(to, &halves, sizeof halves);
}

}  // namespace gapbench::nn
