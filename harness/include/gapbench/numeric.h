// Sums that plugins share: in double, over float vectors.
#pragma once

#include <span>

#include "gapbench/export.h"

namespace gapbench {

/// sum_i a_i b_i in double, first to last.
GAPBENCH_API double dot(std::span<const float> a, std::span<const float> b);

/// sum += factor * term.
GAPBENCH_API void add_scaled(double factor, std::span<const float> term, std::span<float> sum);

struct MeanError {
  double value;
  double error;  ///< standard error of the mean, sqrt(sum_k (x_k - mean)^2 / (n (n - 1)))
};
/// Of n >= 1 numbers; the error of a single one is 0. Two passes.
GAPBENCH_API MeanError mean_with_error(std::span<const double> x);

}  // namespace gapbench
