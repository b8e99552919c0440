// Clipping of gradients by their length.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "gapbench/numeric.h"

namespace gapbench {

/// min(1, bound / (|g| + 1e-6)): what g is to be multiplied by to be no longer than `bound`. |g| is the
/// Euclidean norm, in double; the 1e-6 is PyTorch's. Source: Pascanu, Mikolov, Bengio 2013, "On the
/// difficulty of training recurrent neural networks".
inline float clipped_share(std::span<const float> g, double bound) {
  constexpr double guard = 1e-6;
  return static_cast<float>(std::min(1.0, bound / (std::sqrt(dot(g, g)) + guard)));
}

}  // namespace gapbench
