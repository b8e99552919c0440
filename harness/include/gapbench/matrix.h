// Small dense matrices: what curvature in blocks needs.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/parameters.h"

namespace gapbench {

/// A tensor as a matrix: its first index are the rows, all others the columns, in their order. So a
/// convolution's filters [out, in, height, width] are out x (in height width). A weight of one index
/// is one row; other kinds of tensors (biases, scales, shifts) are no matrices: 0 x 0.
struct MatrixShape {
  std::size_t rows = 0;
  std::size_t columns = 0;
  bool is_matrix() const noexcept { return rows > 0; }
};
GAPBENCH_API MatrixShape matrix_shape(const TensorInfo& tensor) noexcept;

/// Everywhere: matrices are row-major f32, sums and factorizations in double, the result rounded to
/// f32 once. Sizes follow from the spans and are checked: a wrong one throws Error. Spans of one
/// call must not overlap. Thread rule: functions of their arguments alone, safe side by side. For
/// sizes up to a few thousand; cost n^3 unless said otherwise, one thread.

/// A = V diag(values) V^T.
struct Eigenpairs {
  std::vector<double> values;  ///< [n], ascending
  std::vector<float> vectors;  ///< V [n, n]; column k belongs to value k
};
/// Of a symmetric A [n, n], of which the lower half is read. Throws Error where it is not finite.
GAPBENCH_API Eigenpairs eigen(std::span<const float> a, std::size_t n);

/// Writes L [n, n], lower triangular with zeros above, A = L L^T, of a symmetric positive definite A
/// of which the lower half is read. Throws Error where A is not.
GAPBENCH_API void cholesky(std::span<const float> a, std::size_t n, std::span<float> l);

/// Solves L x = b (or L^T x = b) for each column of b [n, m], in place.
GAPBENCH_API void solve_lower(std::span<const float> l, std::size_t n, std::span<float> b);
GAPBENCH_API void solve_lower_transposed(std::span<const float> l, std::size_t n,
                                         std::span<float> b);

/// out [rows, columns] = A [rows, inner] B [inner, columns]; `rows` says how the spans are to be
/// read. Cost: rows x inner x columns.
GAPBENCH_API void product(std::span<const float> a, std::span<const float> b, std::span<float> out,
                          std::size_t rows);
/// out [rows, columns] = A [rows, inner] B^T, B [columns, inner].
GAPBENCH_API void product_transposed(std::span<const float> a, std::span<const float> b,
                                     std::span<float> out, std::size_t rows);

}  // namespace gapbench
