// Hutchinson's estimator: traces and diagonals of matrices that are known by their products only.
#pragma once

#include <cstddef>
#include <span>

#include "gapbench/export.h"
#include "gapbench/optimizer.h"
#include "gapbench/random.h"

namespace gapbench {

/// Writes +1 or -1 with equal chance: E v v^T = I. One draw for 64 numbers.
GAPBENCH_API void draw_signs(Random random, std::span<float> v);

/// An unbiased estimate of the diagonal of the step's Hessian (that of the mini-batch loss, penalties
/// left out),
///
///   out = mean over `samples` of v (H v), entry by entry,   E v_i sum_j H_ij v_j = H_ii
///
/// whose entries have variance sum_(j != i) H_ij^2 / samples. v is keyed by (seed, step). All spans
/// [dimension]; `v` and `product` are overwritten. Cost: `samples` Hessian-vector products.
/// Source: Hutchinson 1990, "A stochastic estimator of the trace of the influence matrix"; Bekas,
/// Kokiopoulou, Saad 2007, "An estimator for the diagonal of a matrix".
GAPBENCH_API void hutchinson_diagonal(Step& step, std::size_t samples, std::span<float> v,
                                      std::span<float> product, std::span<float> out);

}  // namespace gapbench
