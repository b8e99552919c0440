// Arithmetic that plugins share: sums in double over float vectors, averages that end at 0.
#pragma once

#include <cmath>
#include <limits>
#include <span>

#include "gapbench/export.h"

namespace gapbench {

/// sum_i a_i b_i in double, first to last.
GAPBENCH_API double dot(std::span<const float> a, std::span<const float> b);

/// sum += factor * term.
GAPBENCH_API void add_scaled(double factor, std::span<const float> term, std::span<float> sum);

/// x, or 0 where x is subnormal (0 < |x| < 1.18e-38). Every average over parameters goes through
/// this (velocities, moments, running statistics): where a gradient stays 0 (a dead unit, a black
/// pixel) the average falls as beta^k and would soon be subnormal for ever, at several times the
/// cost of every step. Plain arithmetic, not a mode of the processor: the same bits everywhere. One
/// comparison.
///
///   v = normal_or_zero(momentum * v + g);
inline float normal_or_zero(float x) noexcept {
  return std::abs(x) < std::numeric_limits<float>::min() ? 0.0F : x;
}

struct MeanError {
  double value;
  double error;  ///< standard error of the mean, sqrt(sum_k (x_k - mean)^2 / (n (n - 1)))
};
/// Of n >= 1 numbers; the error of a single one is 0. Two passes.
GAPBENCH_API MeanError mean_with_error(std::span<const double> x);

}  // namespace gapbench
