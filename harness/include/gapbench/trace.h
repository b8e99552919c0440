// Traces of large symmetric matrices that are known by their products only.
#pragma once

#include <cstddef>

#include "gapbench/export.h"
#include "gapbench/lanczos.h"
#include "gapbench/random.h"

namespace gapbench {

struct TraceEstimate {
  double value;
  /// Standard error over the sign vectors: that of the estimator, not of the choice of examples.
  double error;
  std::size_t products;  ///< that it took
};

/// The mean of v' A v over `products` vectors v of random signs, >= 2. Unbiased, of variance
/// 2 sum_(i != j) A_ij^2 / products. Memory: 2 vectors. Source: Hutchinson 1990, "A stochastic
/// estimator of the trace of the influence matrix".
GAPBENCH_API TraceEstimate hutchinson_trace(const SymmetricOperator& product, std::size_t dimension,
                                            std::size_t products, Random random);

/// Hutch++: with Q an orthonormal basis of A S, S a third of the products in vectors of random signs,
///
///   tr(Q' A Q) + mean over the last third of g' (I - Q Q') A (I - Q Q') g,   g of random signs
///
/// Unbiased. Exact, but for rounding, of a matrix whose rank is at most products / 3 (rounded down);
/// of a positive semidefinite one the relative error falls as 1 / products, where Hutchinson's falls
/// as 1 / sqrt(products). Asks for at least 6 products and makes at most `products`: fewer where
/// columns of A S depend on each other. Directions of A S below 1e-6 of its longest column are taken
/// for rounding. Memory: products / 3 + 3 vectors. Source: Meyer, Musco, Musco, Woodruff 2021,
/// "Hutch++: Optimal stochastic trace estimation", algorithm 1.
GAPBENCH_API TraceEstimate hutch_plus_plus(const SymmetricOperator& product, std::size_t dimension,
                                           std::size_t products, Random random);

}  // namespace gapbench
