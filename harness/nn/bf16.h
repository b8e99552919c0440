// bfloat16 numbers: the upper half of a float.
#pragma once

#include <bit>
#include <cstdint>

namespace gapbench::nn {

struct Bf16 {
  std::uint16_t bits;
};

[[gnu::always_inline]] inline float widen(float x) { return x; }
[[gnu::always_inline]] inline float widen(Bf16 x) {
  return std::bit_cast<float>(std::uint32_t{x.bits} << 16);
}

/// Rounds to nearest, ties to even; NaN stays NaN.
template <class T>
[[gnu::always_inline]] inline T narrow(float x);
template <>
[[gnu::always_inline]] inline float narrow<float>(float x) {
  return x;
}
template <>
[[gnu::always_inline]] inline Bf16 narrow<Bf16>(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
  return {static_cast<std::uint16_t>(x != x ? 0x7FC0U : rounded)};
}

}  // namespace gapbench::nn
