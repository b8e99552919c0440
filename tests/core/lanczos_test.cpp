// Lanczos against matrices whose eigenvalues are known.
#include "gapbench/lanczos.h"

#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/error.h"
#include "gapbench/numeric.h"
#include "gapbench/random.h"

namespace gapbench {
namespace {

using Vector = std::vector<float>;

Vector start(std::size_t dimension) {
  Vector v(dimension);
  Random(1).normal(v);
  return v;
}

SymmetricOperator diagonal(const Vector& d) {
  return [&d](std::span<const float> v, std::span<float> out) {
    for (std::size_t i = 0; i < d.size(); ++i) out[i] = d[i] * v[i];
  };
}

// From (1, 0): alpha = 2, beta = 1, alpha = 2: eigenvalues 3 and 1 of ((2, 1), (1, 2)).
TEST(Lanczos, TwoByTwoByHand) {
  const SymmetricOperator product = [](std::span<const float> v, std::span<float> out) {
    out[0] = 2 * v[0] + v[1];
    out[1] = v[0] + 2 * v[1];
  };
  const auto one = lanczos(product, Vector{5, 0}, 1);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].value, 2);
  EXPECT_EQ(one[0].residual, 1);
  const auto two = lanczos(product, Vector{5, 0}, 9);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_NEAR(two[0].value, 3, 1e-12);
  EXPECT_NEAR(two[1].value, 1, 1e-12);
  EXPECT_NEAR(two[0].residual, 0, 1e-12);
}

// Without reorthogonalization the outlier would come back as a ghost within 60 steps.
TEST(Lanczos, FindsAllEigenvaluesOnce) {
  Vector d(60);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = static_cast<float>(i) - 20;
  d[59] = 1000;
  const auto ritz = lanczos(diagonal(d), start(60), 60);
  ASSERT_EQ(ritz.size(), 60U);
  EXPECT_NEAR(ritz[0].value, 1000, 1e-3);
  for (std::size_t k = 1; k < 60; ++k) {
    EXPECT_NEAR(ritz[k].value, 39 - static_cast<double>(k), 2e-3) << k;  // f32 products of 1000
  }
}

TEST(Lanczos, ResidualsBoundTheDistanceToAnEigenvalue) {
  Vector d(200);
  Random(2).normal(d);
  const auto ritz = lanczos(diagonal(d), start(200), 15);
  ASSERT_EQ(ritz.size(), 15U);
  for (const auto& r : ritz) {
    double nearest = INFINITY;
    for (const float x : d) nearest = std::min(nearest, std::abs(r.value - x));
    EXPECT_LE(nearest, r.residual + 1e-6);
    EXPECT_LT(r.residual, 3);
  }
  EXPECT_LT(ritz.front().residual, 0.1 * ritz[7].residual) << "extreme ones converge first";
}

TEST(Lanczos, EndsWhereTheKrylovSpaceDoes) {
  const Vector d{4, 4, 4, -1, -1};
  const auto ritz = lanczos(diagonal(d), start(5), 5);
  ASSERT_EQ(ritz.size(), 2U);
  EXPECT_NEAR(ritz[0].value, 4, 1e-6);
  EXPECT_NEAR(ritz[1].value, -1, 1e-6);
  EXPECT_EQ(lanczos(diagonal(Vector{0, 0}), Vector{1, 0}, 2).size(), 1U);
  EXPECT_TRUE(lanczos(diagonal(Vector{1, 1}), Vector{0, 0}, 2).empty());
}

TEST(Lanczos, RefusesWhatIsNotFinite) {
  EXPECT_THROW(lanczos(diagonal(Vector{NAN, 1}), start(2), 2), Error);
}

TEST(Numeric, ByHand) {
  EXPECT_EQ(dot(Vector{1, 2}, Vector{3, -5}), -7);
  Vector sum{1, 1};
  add_scaled(-2, Vector{3, 0.5F}, sum);
  EXPECT_EQ(sum, (Vector{-5, 0}));
  const MeanError m = mean_with_error(std::vector<double>{25, 1});
  EXPECT_EQ(m.value, 13);
  EXPECT_EQ(m.error, 12);  // sqrt((12^2 + 12^2) / (2 * 1))
  EXPECT_EQ(mean_with_error(std::vector<double>{7}).error, 0);
}

}  // namespace
}  // namespace gapbench
