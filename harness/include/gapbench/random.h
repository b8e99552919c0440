// Counter-based random numbers: every draw is a pure function of a key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gapbench/export.h"

namespace gapbench {

/// One stream of random numbers. Two streams with different keys are independent; a stream made
/// again from the same key gives the same numbers on any number of threads, so nothing has to be
/// saved for a resume. Derive, do not share:
///
///   Random r = step.random("noise").at("label", example);
///
/// Philox4x64-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
/// A value; copying copies the position. One thread at a time.
class GAPBENCH_API Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : key_{seed, 0} {}

  /// An independent stream keyed by this one's key (not its position), a purpose and two numbers.
  [[nodiscard]] Random at(std::string_view purpose, std::uint64_t a = 0,
                          std::uint64_t b = 0) const noexcept;

  std::uint64_t bits() noexcept;                      ///< 64 uniform bits
  double uniform() noexcept;                          ///< in [0, 1), a multiple of 2^-53
  std::uint64_t below(std::uint64_t bound) noexcept;  ///< uniform in 0 .. bound-1, unbiased
  double normal() noexcept;                           ///< N(0, 1), Box and Muller 1958
  void normal(std::span<float> out, double deviation = 1) noexcept;
  /// Fills out with N(0, 1) in f32, many times as fast as normal(): Philox4x32-10 and Box-Muller in
  /// vector arithmetic. Numbers of their own, independent of all others of this stream; two calls in
  /// a row give the next ones. Longest possible: 6.7.
  void normals(std::span<float> out) noexcept;
  void shuffle(std::span<std::uint32_t> items) noexcept;  ///< Fisher and Yates 1938

 private:
  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> block_{};
  std::uint64_t drawn_ = 0;
  std::uint64_t normal_blocks_ = 0;  ///< given out by normals(), four numbers each
};

}  // namespace gapbench
