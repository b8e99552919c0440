// Traces against dense matrices.
#include "gapbench/trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "gapbench/error.h"
#include "gapbench/numeric.h"

namespace gapbench {
namespace {

using Vector = std::vector<float>;

// A = sum_k values_k f_k f_k'; counts its products.
class Dense {
 public:
  Dense(const std::vector<Vector>& f, const std::vector<double>& values)
      : n_(f.front().size()), a_(n_ * n_) {
    for (std::size_t k = 0; k < f.size(); ++k) {
      for (std::size_t i = 0; i < n_; ++i) {
        for (std::size_t j = 0; j < n_; ++j) a_[i * n_ + j] += values[k] * f[k][i] * f[k][j];
      }
    }
  }
  SymmetricOperator product() {
    return [this](std::span<const float> v, std::span<float> out) {
      ++products;
      for (std::size_t i = 0; i < n_; ++i) {
        double sum = 0;
        for (std::size_t j = 0; j < n_; ++j) sum += a_[i * n_ + j] * v[j];
        out[i] = static_cast<float>(sum);
      }
    };
  }
  double trace() const {
    double sum = 0;
    for (std::size_t i = 0; i < n_; ++i) sum += a_[i * n_ + i];
    return sum;
  }
  double squares() const {  // of all entries
    double sum = 0;
    for (const double x : a_) sum += x * x;
    return sum;
  }
  double squares_beside_the_diagonal() const {
    double sum = squares();
    for (std::size_t i = 0; i < n_; ++i) sum -= a_[i * n_ + i] * a_[i * n_ + i];
    return sum;
  }
  std::size_t products = 0;

 private:
  std::size_t n_;
  std::vector<double> a_;
};

std::vector<Vector> normals(std::size_t n, std::size_t count, std::uint64_t seed) {
  std::vector<Vector> all(count, Vector(n));
  for (std::size_t k = 0; k < count; ++k) Random(seed).at("vector", k).normal(all[k]);
  return all;
}

std::vector<Vector> orthonormal(std::size_t n, std::uint64_t seed) {
  std::vector<Vector> all = normals(n, n, seed);
  for (std::size_t k = 0; k < n; ++k) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) add_scaled(-dot(all[j], all[k]), all[j], all[k]);
    }
    const double length = std::sqrt(dot(all[k], all[k]));
    for (float& x : all[k]) x = static_cast<float>(x / length);
  }
  return all;
}

TEST(HutchPlusPlus, IsExactUpToItsRank) {
  Dense low(normals(80, 5, 1), {900, -2, 1, 3, 1});
  const double size = std::sqrt(low.squares());
  for (const std::size_t products : {15U, 20U, 60U}) {
    low.products = 0;
    const TraceEstimate found = hutch_plus_plus(low.product(), 80, products, Random(2));
    EXPECT_NEAR(found.value, low.trace(), 2e-5 * size) << products;
    EXPECT_LT(found.error, 2e-5 * size);
    EXPECT_EQ(found.products, low.products);
    EXPECT_LE(found.products, products);
  }
  // With 4 columns for rank 5 something is left over.
  EXPECT_GT(hutch_plus_plus(low.product(), 80, 12, Random(2)).error, 1e-4 * size);
}

// Five columns of rank 2: 5 products for them, 2 of the basis, 5 of the rest.
TEST(HutchPlusPlus, CountsItsProducts) {
  Dense low(normals(30, 2, 3), {1, 1});
  EXPECT_EQ(hutch_plus_plus(low.product(), 30, 15, Random(1)).products, 12U);
  EXPECT_EQ(low.products, 12U);
  Dense full(orthonormal(30, 3), std::vector<double>(30, 1));
  EXPECT_EQ(hutch_plus_plus(full.product(), 30, 17, Random(1)).products, 17U);
  EXPECT_EQ(full.products, 17U);
  Dense zero(normals(30, 1, 3), {0});
  EXPECT_EQ(hutch_plus_plus(zero.product(), 30, 15, Random(1)).value, 0);
}

// Eigenvalues 1, 1/2, 1/3 ...: few directions have most of the trace.
class OnADenseMatrix : public ::testing::Test {
 protected:
  static constexpr std::size_t n = 60, repetitions = 300;
  static std::vector<double> harmonic() {
    std::vector<double> values;
    for (std::size_t k = 0; k < n; ++k) values.push_back(1 / static_cast<double>(k + 1));
    return values;
  }

  struct Moments {
    double mean = 0, variance = 0, claimed = 0;  // the mean of the squared errors it says itself
  };
  template <class Estimator>
  Moments repeated(Estimator estimator) {
    std::vector<double> values;
    Moments m;
    for (std::size_t k = 0; k < repetitions; ++k) {
      const TraceEstimate e = estimator(dense_.product(), n, std::size_t{30}, Random(100 + k));
      values.push_back(e.value);
      m.mean += e.value / repetitions;
      m.claimed += e.error * e.error / repetitions;
    }
    for (const double v : values) m.variance += (v - m.mean) * (v - m.mean) / (repetitions - 1);
    return m;
  }

  Dense dense_{orthonormal(n, 4), harmonic()};
};

TEST_F(OnADenseMatrix, BothAreUnbiasedAndHutchPlusPlusVariesLess) {
  const double exact = dense_.trace();
  const Moments plain = repeated(hutchinson_trace);
  const Moments better = repeated(hutch_plus_plus);
  EXPECT_NEAR(plain.mean, exact, 4 * std::sqrt(plain.variance / repetitions));
  EXPECT_NEAR(better.mean, exact, 4 * std::sqrt(better.variance / repetitions));
  const double formula = 2 * dense_.squares_beside_the_diagonal() / 30;
  EXPECT_NEAR(plain.variance, formula, 0.3 * formula);
  EXPECT_LT(better.variance, 0.5 * plain.variance) << "of as many products";
  EXPECT_NEAR(plain.claimed, plain.variance, 0.3 * plain.variance);
  EXPECT_NEAR(better.claimed, better.variance, 0.3 * better.variance);
}

TEST(Traces, NeedProducts) {
  Dense one(orthonormal(2, 1), {1, 1});
  EXPECT_THROW(hutchinson_trace(one.product(), 2, 1, Random(1)), Error);
  EXPECT_THROW(hutch_plus_plus(one.product(), 2, 5, Random(1)), Error);
  EXPECT_NEAR(hutchinson_trace(one.product(), 2, 2, Random(1)).value, 2, 1e-6);
}

}  // namespace
}  // namespace gapbench
