// Eigenvalues of large symmetric matrices that are known by their products only.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "gapbench/export.h"

namespace gapbench {

/// Writes A v to `out`; both [dimension].
using SymmetricOperator = std::function<void(std::span<const float> v, std::span<float> out)>;

struct RitzValue {
  double value;
  /// An eigenvalue of A lies within this distance: |A y - value y| of the unit Ritz vector y, as the
  /// iteration knows it, and 4e-7 |A| for what it cannot know, the rounding of products and vectors
  /// in f32. A product that is worse than that (of a deep network: 1e-6 to 1e-5 |A|) adds its own.
  double residual;
};

/// Ritz values of A after at most `steps` products, largest first. Lanczos iteration with full
/// reorthogonalization (twice, in double), so that no eigenvalue shows up as a ghost of itself.
/// Ends early where the Krylov space is exhausted. Values that lie within each other's residuals of
/// 1e-6 |A| at most are one: an eigenvalue of multiplicity m is seen once, and eigenvalues that close
/// cannot be told apart. Extreme eigenvalues converge first. Memory: steps + 2 vectors. Source:
/// Lanczos 1950; Paige 1972 for the residual |beta_m s_m|. Throws Error when a product is not finite.
GAPBENCH_API std::vector<RitzValue> lanczos(const SymmetricOperator& product,
                                            std::span<const float> start, std::size_t steps);

}  // namespace gapbench
