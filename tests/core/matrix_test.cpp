// Small dense matrices: pencil numbers, identities on random ones.
#include "gapbench/matrix.h"

#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/error.h"
#include "gapbench/random.h"

namespace gapbench {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;
using Vector = std::vector<float>;

// A of B^T B + I: symmetric, positive definite.
Vector positive(std::size_t n) {
  Vector b(n * n), a(n * n);
  Random(1).normal(b);
  product_transposed(b, b, a, n);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] += 1;
  return a;
}

TEST(Matrix, EigenvaluesByHand) {
  const Vector a{2, 99, 1, 2};  // the upper half is not read
  const Eigenpairs e = eigen(a, 2);
  EXPECT_NEAR(e.values[0], 1, 1e-12);
  EXPECT_NEAR(e.values[1], 3, 1e-12);
  EXPECT_FLOAT_EQ(std::abs(e.vectors[0]), std::sqrt(0.5F));
  EXPECT_FLOAT_EQ(e.vectors[0], -e.vectors[2]);  // column 0
  EXPECT_FLOAT_EQ(e.vectors[1], e.vectors[3]);
}

TEST(Matrix, EigenvectorsRebuildIt) {
  constexpr std::size_t n = 6;
  const Vector a = positive(n);
  const Eigenpairs e = eigen(a, n);
  Vector scaled = e.vectors;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) scaled[i * n + k] *= static_cast<float>(e.values[k]);
  }
  Vector again(n * n);
  product_transposed(scaled, e.vectors, again, n);
  EXPECT_THAT(again, Pointwise(FloatNear(2e-5F), a));
}

TEST(Matrix, CholeskyByHand) {
  Vector l(4);
  cholesky(Vector{4, 0, 2, 5}, 2, l);
  EXPECT_THAT(l, ElementsAre(2, 0, 1, 2));
  EXPECT_THROW(cholesky(Vector{1, 0, 2, 1}, 2, l), Error);
  EXPECT_THROW(cholesky(Vector{NAN, 0, 0, 1}, 2, l), Error);
}

// L y = b, then L^T x = y: A x = b, for two columns at once.
TEST(Matrix, TriangularSystemsSolveIt) {
  constexpr std::size_t n = 5;
  const Vector a = positive(n);
  Vector l(n * n), b(n * 2), again(n * 2);
  cholesky(a, n, l);
  Random(2).normal(b);
  Vector x = b;
  solve_lower(l, n, x);
  solve_lower_transposed(l, n, x);
  product(a, x, again, n);
  EXPECT_THAT(again, Pointwise(FloatNear(1e-5F), b));
}

TEST(Matrix, ProductsByHand) {
  Vector out(4);
  product(Vector{1, 2, 3, 4, 5, 6}, Vector{1, 0, 0, 1, 1, 1}, out, 2);
  EXPECT_THAT(out, ElementsAre(4, 5, 10, 11));
  product_transposed(Vector{1, 2, 3, 4, 5, 6}, Vector{1, 0, 1, 0, 1, 1}, out, 2);
  EXPECT_THAT(out, ElementsAre(4, 5, 10, 11));
}

TEST(Matrix, WrongSizesAreRefused) {
  Vector out(3);
  EXPECT_THROW(eigen(Vector(5), 2), Error);
  EXPECT_THROW(product(Vector(6), Vector(6), out, 2), Error);
  EXPECT_THROW(product(Vector(6), Vector(5), out, 2), Error);
  EXPECT_THROW(product_transposed(Vector(6), Vector(5), out, 2), Error);
  EXPECT_THROW(solve_lower(Vector(4), 2, out), Error);
}

}  // namespace
}  // namespace gapbench
