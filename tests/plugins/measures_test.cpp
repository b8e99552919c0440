// Probes of complexity: norms, margins, flatness, against naive loops and dense decompositions.
#include <gtest/gtest.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "plugin/conformance/reference.h"
#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainSnapshot;
using plugin::conformance::Reference;
using plugin::conformance::Vector;

class Measures : public ::testing::Test {
 protected:
  Measures() {
    problem_.initialize(Random(5), w_);
    problem_.initialize(Random(6), start_);
  }
  Eigen::VectorXd singular_values(const Vector& w, std::size_t tensor) const {
    const TensorInfo& t = problem_.tensors()[tensor];
    Eigen::MatrixXd m(t.shape[0], t.shape[1]);
    for (Eigen::Index i = 0; i < m.rows(); ++i) {
      for (Eigen::Index j = 0; j < m.cols(); ++j) {
        m(i, j) = w[t.offset + static_cast<std::size_t>(i * m.cols() + j)];
      }
    }
    return m.jacobiSvd().singularValues();
  }

  // A random classifier has little accuracy to lose.
  void train(int steps) {
    Vector g(39);
    for (int k = 0; k < steps; ++k) {
      PlainSnapshot snapshot(problem_, w_, w_);
      snapshot.mean_over(
          {.size = 100, .count = 10, .fixed = true},
          [](MicroBatch& m, std::size_t, std::span<float> out) { m.gradient(m.loss(), out); }, g);
      for (std::size_t i = 0; i < 39; ++i) w_[i] -= g[i];
    }
  }

  Reference problem_;
  Vector w_ = Vector(39), start_ = Vector(39);
};

TEST_F(Measures, LayerNormsAgainstSingularValues) {
  const auto found = measure("layer_norms", "path_norm=false", problem_, w_, start_);
  const Vector moved = plugin::conformance::shifted(w_, -1, start_);
  double log_spectral = 0, log_frobenius = 0, ranks = 0, spectral = 0, frobenius = 0;
  for (const std::size_t tensor : {std::size_t{0}, std::size_t{2}}) {
    const Eigen::VectorXd s = singular_values(w_, tensor);
    log_spectral += std::log(s[0] * s[0]);
    log_frobenius += std::log(s.squaredNorm());
    ranks += s.squaredNorm() / (s[0] * s[0]);
    const Eigen::VectorXd d = singular_values(moved, tensor);
    spectral += d[0] * d[0];
    frobenius += d.squaredNorm();
  }
  EXPECT_NEAR(found.at("log_product_spectral"), log_spectral, 1e-5);
  EXPECT_NEAR(found.at("log_product_frobenius"), log_frobenius, 1e-5);
  EXPECT_NEAR(found.at("sum_spectral"), 2 * std::exp(log_spectral / 2), 1e-4);
  EXPECT_NEAR(found.at("sum_frobenius"), 2 * std::exp(log_frobenius / 2), 1e-4);
  EXPECT_NEAR(found.at("frobenius_over_spectral"), ranks, 1e-5);
  EXPECT_NEAR(found.at("log_spectral_bound"), log_spectral + std::log(ranks), 1e-5);
  EXPECT_NEAR(found.at("distance_spectral"), spectral, 1e-4);
  EXPECT_NEAR(found.at("distance_frobenius"), frobenius, 1e-4);
}

// z = V tanh(U 1 + b) + c with every parameter squared.
TEST_F(Measures, PathNormIsTheSquaredNetworkOnOnes) {
  Vector squared = w_;
  for (float& x : squared) x *= x;
  double expected = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    expected += squared[36 + c];
    for (std::size_t h = 0; h < 4; ++h) {
      double before = squared[20 + h];
      for (std::size_t k = 0; k < 5; ++k) before += squared[h * 5 + k];
      expected += squared[24 + c * 4 + h] * std::tanh(before);
    }
  }
  EXPECT_NEAR(measure("layer_norms", "", problem_, w_, start_).at("path_norm"), expected, 1e-5);
}

TEST_F(Measures, AWeightOfZeroHasNoLogarithm) {
  Vector dead = w_;
  std::fill_n(dead.begin(), 20, 0.0F);
  const auto found = measure("layer_norms", "path_norm=false", problem_, dead, start_);
  EXPECT_FALSE(found.contains("log_product_spectral"));
  EXPECT_TRUE(found.contains("distance_frobenius"));
}

TEST_F(Measures, ATooLargeTensorIsRefused) {
  EXPECT_THROW(measure("layer_norms", "largest=3", problem_, w_, start_), Error);
}

// z = a b x, loss (z - y)^2, Fisher 2 J^2: w^T F w = 2 mean x^2 (2 a b)^2, x = 1: 8 (a b)^2.
TEST_F(Measures, FisherRaoOfAProductDoesNotSeeRescaling) {
  const ProductProblem product({{1, 0}, {1, 1}, {1, 2}, {1, 3}});
  for (const Vector& w : {Vector{1, 2}, Vector{4, 0.5F}, Vector{-0.25F, -8}}) {
    const auto found = measure("fisher_rao", "micro_batch=2 count=2", product, w, w);
    EXPECT_NEAR(found.at("norm"), 32, 1e-4);
    EXPECT_NEAR(found.at("per_example"), std::sqrt(32.0 / 4), 1e-5);
  }
}

TEST_F(Measures, MarginsAgainstALoop) {
  std::vector<double> margins;
  PlainSnapshot snapshot(problem_, w_, w_);
  double mean = 0, square = 0;
  snapshot.for_each_micro_batch(
      {.size = 25, .count = 8, .fixed = true, .mode = Mode::evaluation},
      [&](MicroBatch& m, std::size_t) {
        const Outputs z = m.outputs();
        for (std::size_t i = 0; i < z.examples; ++i) {
          double others[2];
          int k = 0;
          double center = 0;
          for (std::int32_t c = 0; c < 3; ++c) {
            const double value = z.values[i * 3 + static_cast<std::size_t>(c)];
            center += value / 3;
            if (c != z.labels[i]) others[k++] = value;
          }
          for (std::size_t c = 0; c < 3; ++c) {
            square += (z.values[i * 3 + c] - center) * (z.values[i * 3 + c] - center) / 600;
          }
          margins.push_back(z.values[i * 3 + static_cast<std::size_t>(z.labels[i])] -
                            std::max(others[0], others[1]));
          mean += margins.back() / 200;
        }
      });
  std::ranges::sort(margins);
  const auto found = measure("output_margin", "micro_batch=25 count=8", problem_, w_, w_);
  EXPECT_NEAR(found.at("percentile_10"), margins[19], 1e-6);
  EXPECT_NEAR(found.at("mean"), mean, 1e-6);
  EXPECT_NEAR(found.at("normalized"), margins[19] / std::sqrt(square), 1e-5);
  EXPECT_EQ(measure("output_margin", "", problem_, w_, w_).size(), 3U) << "the whole part";
  EXPECT_THROW(measure("output_margin", "micro_batch=1 count=1", ProductProblem({{1, 0}}),
                       Vector{1, 1}, Vector{1, 1}),
               Error);
}

// The accuracy at the deviation that is found, by the same draws: no more than the drop below, and at
// a tenth more it has fallen farther.
TEST_F(Measures, FlatnessIsWhereTheAccuracyHasFallen) {
  const std::string text = "micro_batch=100 count=10 draws=20 halvings=20 drop=0.1";
  train(200);
  const auto found = measure("flatness", text, problem_, w_, w_);
  PlainSnapshot snapshot(problem_, w_, w_);
  const auto accuracy = [&](double sigma, bool scaled) {
    double correct = 0;
    for (std::uint64_t d = 0; d < 20; ++d) {
      Vector moved(39);
      snapshot.random("noise").at("draw", d).normals(moved);
      for (std::size_t i = 0; i < 39; ++i) {
        moved[i] = w_[i] + static_cast<float>(sigma) * moved[i] * (scaled ? std::abs(w_[i]) : 1.0F);
      }
      snapshot.for_each_micro_batch(
          {.size = 100,
           .count = 10,
           .fixed = true,
           .mode = Mode::evaluation,
           .at = {.parameters = moved, .draw = At::no_noise}},
          [&](MicroBatch& m, std::size_t) {
            const Outputs z = m.outputs();
            for (std::size_t i = 0; i < z.examples; ++i) {
              const auto row = z.values.subspan(i * 3, 3);
              correct += std::ranges::max_element(row) - row.begin() == z.labels[i] ? 1 : 0;
            }
          });
    }
    return correct / 20000;
  };
  for (const bool scaled : {false, true}) {
    const double sigma = found.at(scaled ? "sigma_scaled" : "sigma");
    const double target = accuracy(0, scaled) - 0.1;
    EXPECT_NEAR(accuracy(sigma, scaled), target, 2e-3) << scaled;
    EXPECT_LT(accuracy(1.1 * sigma, scaled), target) << scaled;
    EXPECT_DOUBLE_EQ(found.at(scaled ? "inverse_square_scaled" : "inverse_square"),
                     1 / (sigma * sigma));
  }
}

TEST_F(Measures, WhatIsBorneAltogetherIsTheHighestTried) {
  const auto found =
      measure("flatness", "micro_batch=100 count=2 drop=0.99 highest=3", problem_, w_, w_);
  EXPECT_EQ(found.at("sigma"), 3);
  EXPECT_EQ(found.at("sigma_scaled"), 3);
}

TEST_F(Measures, PositionIsTheFirstParameters) {
  const std::map<std::string, double> expected{{"w_0", w_[0]}, {"w_1", w_[1]}, {"w_2", w_[2]}};
  EXPECT_EQ(measure("position", "count=3", problem_, w_, w_), expected);
  const ProductProblem product({{1, 0}});
  EXPECT_EQ(measure("position", "count=9", product, Vector{1, 2}, Vector{1, 2}).size(), 2U);
}

}  // namespace
}  // namespace gapbench::test
