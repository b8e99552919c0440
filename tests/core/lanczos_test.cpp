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
  EXPECT_NEAR(one[0].residual, 1, 1e-6);
  const auto two = lanczos(product, Vector{5, 0}, 9);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_NEAR(two[0].value, 3, 1e-12);
  EXPECT_NEAR(two[1].value, 1, 1e-12);
  EXPECT_NEAR(two[0].residual, 4e-7 * std::sqrt(5), 1e-12);  // |A (1, 0)| = sqrt(5): the floor
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

// A = Q diag(d) Q with the reflection Q = I - 2 u u' of a random unit vector: d are its eigenvalues.
// In double, rounded to f32 at the end, as the best of products is.
class Reflected {
 public:
  Reflected(std::vector<double> d, std::uint64_t key) : d_(std::move(d)), u_(d_.size()) {
    Vector random(d_.size());
    Random(key).normal(random);
    const double length = std::sqrt(dot(random, random));
    for (std::size_t i = 0; i < u_.size(); ++i) u_[i] = random[i] / length;
  }

  void operator()(std::span<const float> v, std::span<float> out) const {
    std::vector<double> x = reflected({v.begin(), v.end()});
    for (std::size_t i = 0; i < x.size(); ++i) x[i] *= d_[i];
    x = reflected(x);
    for (std::size_t i = 0; i < x.size(); ++i) out[i] = static_cast<float>(x[i]);
  }

  // To the nearest eigenvalue.
  double distance(double value) const {
    double nearest = INFINITY;
    for (const double x : d_) nearest = std::min(nearest, std::abs(value - x));
    return nearest;
  }

 private:
  std::vector<double> reflected(std::vector<double> x) const {
    double along = 0;
    for (std::size_t i = 0; i < x.size(); ++i) along += u_[i] * x[i];
    for (std::size_t i = 0; i < x.size(); ++i) x[i] -= 2 * along * u_[i];
    return x;
  }

  std::vector<double> d_;
  std::vector<double> u_;
};

// 197 of 200 eigenvalues are one: rounding alone leads out of the four dimensions there are.
TEST(Lanczos, AnEigenvalueOfHighMultiplicityIsSeenOnce) {
  std::vector<double> d(200, 1);
  d[0] = 100;
  d[1] = 7;
  d[2] = -3;
  for (std::uint64_t key = 1; key <= 20; ++key) {
    const Reflected a(d, key);
    const auto ritz = lanczos(a, start(200), 30);
    ASSERT_EQ(ritz.size(), 4U) << key;
    const double expected[] = {100, 7, 1, -3};
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_LE(std::abs(ritz[k].value - expected[k]), ritz[k].residual) << key;
      EXPECT_LT(ritz[k].residual, 1e-3) << key;
    }
  }
}

// Spectra of one size and another: residuals stay bounds where products are at their smallest and
// largest, and are never 0, which no f32 product could promise.
TEST(Lanczos, ResidualsAreBoundsAtEverySize) {
  for (const double scale : {1e-42, 1e-30, 1.0, 1e30, 1e37}) {
    for (std::uint64_t key = 1; key <= 5; ++key) {
      std::vector<double> d(120);
      Random random(key);
      for (double& x : d) x = scale * std::pow(10, -6 * random.uniform());
      const Reflected a(d, key);
      for (const std::size_t steps : {5, 20, 80}) {
        for (const RitzValue& r : lanczos(a, start(120), steps)) {
          EXPECT_LE(a.distance(r.value), r.residual) << scale << " " << key << " " << steps;
          EXPECT_GT(r.residual, 0);
        }
      }
    }
  }
}

TEST(Lanczos, OfZeroIsZero) {
  const auto ritz = lanczos(diagonal(Vector(50)), start(50), 10);
  ASSERT_EQ(ritz.size(), 1U);
  EXPECT_EQ(ritz[0].value, 0);
  EXPECT_LT(ritz[0].residual, 1e-40);
}

TEST(Lanczos, RefusesProductsBeyondFloat) {
  EXPECT_THROW(lanczos(Reflected(std::vector<double>(10, 1e39), 1), start(10), 3), Error);
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
