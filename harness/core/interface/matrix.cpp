#include "gapbench/matrix.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "core/lengths.h"
#include "gapbench/error.h"

namespace gapbench {
namespace {

using Floats = ::Eigen::Matrix<float, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;
using Doubles = ::Eigen::Matrix<double, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;
using Index = ::Eigen::Index;

Index index(std::size_t n) { return static_cast<Index>(n); }

Doubles read(std::span<const float> a, std::size_t rows, std::size_t columns) {
  return ::Eigen::Map<const Floats>(a.data(), index(rows), index(columns)).cast<double>();
}

void write(const Doubles& a, std::span<float> out) {
  ::Eigen::Map<Floats>(out.data(), a.rows(), a.cols()) = a.cast<float>();
}

std::size_t columns_of(const char* what, const char* span, std::size_t size, std::size_t rows) {
  if (rows == 0 || size % rows != 0) {
    throw Error(what,
                fmt::format("{} has {} numbers, must be whole rows, {} of them", span, size, rows));
  }
  return size / rows;
}

}  // namespace

Eigenpairs eigen(std::span<const float> a, std::size_t n) {
  require_length("eigen", "a", a.size(), n * n);
  Eigenpairs result{std::vector<double>(n), std::vector<float>(n * n)};
  if (n == 0) return result;
  for (const float x : a) {
    if (!std::isfinite(x)) throw Error("eigen", "the matrix is not finite");
  }
  const ::Eigen::SelfAdjointEigenSolver<::Eigen::MatrixXd> solver(read(a, n, n));
  if (solver.info() != ::Eigen::Success) throw Error("eigen", "did not converge");
  for (std::size_t k = 0; k < n; ++k) result.values[k] = solver.eigenvalues()[index(k)];
  write(solver.eigenvectors(), result.vectors);
  return result;
}

void cholesky(std::span<const float> a, std::size_t n, std::span<float> l) {
  require_length("cholesky", "a", a.size(), n * n);
  require_length("cholesky", "l", l.size(), n * n);
  if (n == 0) return;
  const ::Eigen::LLT<::Eigen::MatrixXd> factor(read(a, n, n));
  const Doubles lower = factor.matrixL();
  for (std::size_t k = 0; k < n; ++k) {
    const double pivot = lower(index(k), index(k));
    if (factor.info() == ::Eigen::Success && std::isfinite(pivot)) continue;
    throw Error("cholesky", "the matrix is not positive definite; add a multiple of the identity");
  }
  write(lower, l);
}

void solve_lower(std::span<const float> l, std::size_t n, std::span<float> b) {
  require_length("solve_lower", "l", l.size(), n * n);
  const std::size_t columns = columns_of("solve_lower", "b", b.size(), n);
  const Doubles x = read(l, n, n).triangularView<::Eigen::Lower>().solve(read(b, n, columns));
  write(x, b);
}

void solve_lower_transposed(std::span<const float> l, std::size_t n, std::span<float> b) {
  require_length("solve_lower_transposed", "l", l.size(), n * n);
  const std::size_t columns = columns_of("solve_lower_transposed", "b", b.size(), n);
  const Doubles x =
      read(l, n, n).transpose().triangularView<::Eigen::Upper>().solve(read(b, n, columns));
  write(x, b);
}

MatrixShape matrix_shape(const TensorInfo& tensor) noexcept {
  if (tensor.kind != TensorKind::weight || tensor.size == 0) return {};
  const std::size_t rows = tensor.shape.size() > 1 ? tensor.shape.front() : 1;
  return {rows, tensor.size / rows};
}

void product(std::span<const float> a, std::span<const float> b, std::span<float> out,
             std::size_t rows) {
  const std::size_t inner = columns_of("product", "a", a.size(), rows);
  const std::size_t columns = columns_of("product", "b", b.size(), inner);
  require_length("product", "out", out.size(), rows * columns);
  write(read(a, rows, inner) * read(b, inner, columns), out);
}

void product_transposed(std::span<const float> a, std::span<const float> b, std::span<float> out,
                        std::size_t rows) {
  const std::size_t inner = columns_of("product_transposed", "a", a.size(), rows);
  if (inner == 0 || b.size() % inner != 0) {
    throw Error("product_transposed",
                fmt::format("b has {} numbers, must be whole rows of {}", b.size(), inner));
  }
  const std::size_t columns = b.size() / inner;
  require_length("product_transposed", "out", out.size(), rows * columns);
  write(read(a, rows, inner) * read(b, columns, inner).transpose(), out);
}

}  // namespace gapbench
