// Probes of linear models, kernels and spectra against dense linear algebra.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "plugin/conformance/reference.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainSnapshot;
using plugin::conformance::PlainStep;
using plugin::conformance::Reference;
using plugin::conformance::Vector;

// 12 examples of 40 features, from w = 0, all of them in every step.
class LeastNorm : public ::testing::Test {
 protected:
  LeastNorm() {
    const Component& c = component("problems_linear_teacher");
    problem_ = c.make_problem(options(c, "features=40 train=12 test=1 noise=0.5"), Random(3));
  }
  std::map<std::string, double> after(const std::string& optimizer, const std::string& text,
                                      int steps) {
    const Component& c = component("optimizers_" + optimizer);
    const auto method = c.make_optimizer(options(c, text), problem_->tensors());
    Vector w(40);
    for (int k = 0; k < steps; ++k) {
      PlainStep step(*problem_, w, static_cast<std::uint64_t>(k));  // of 12 examples
      method->step(step);
    }
    return measure("minimum_norm", "", *problem_, w, Vector(40));
  }

  std::unique_ptr<Problem> problem_;
};

TEST_F(LeastNorm, DescentFindsItWithMomentumTooAndAdamDoesNot) {
  const auto plain = after("sgd", "learning_rate=0.05", 3000);
  EXPECT_LT(plain.at("distance"), 1e-5);
  EXPECT_LT(plain.at("off_row_space"), 1e-5);
  EXPECT_LT(plain.at("residual"), 1e-5);
  const auto momentum = after("sgd", "learning_rate=0.05 momentum=0.9", 1000);
  EXPECT_LT(momentum.at("distance"), 1e-5);
  const auto adam = after("adam", "learning_rate=0.01", 3000);
  EXPECT_LT(adam.at("residual"), 1e-2) << "it fits as well";
  EXPECT_GT(adam.at("distance"), 0.05) << "another solution";
  EXPECT_GT(adam.at("off_row_space"), 0.05);
}

TEST_F(LeastNorm, AtTheStartEverythingIsLeft) {
  const auto found = measure("minimum_norm", "", *problem_, Vector(40), Vector(40));
  EXPECT_EQ(found.at("distance"), 1);
  EXPECT_EQ(found.at("off_row_space"), 0);
  EXPECT_EQ(found.at("residual"), 1);
}

TEST_F(LeastNorm, WithMoreOutputsThanParametersThereIsTheResidualAlone) {
  const Reference many;
  Vector w(39);
  many.initialize(Random(1), w);
  const auto found = measure("minimum_norm", "", many, w, w);
  EXPECT_EQ(found.size(), 1U);
  EXPECT_THROW(measure("minimum_norm", "largest=11", *problem_, Vector(40), Vector(40)), Error);
}

// A linear model's kernel is X X^T wherever it stands.
TEST_F(LeastNorm, ALinearModelKeepsItsKernel) {
  const auto found = measure("ntk", "examples=8", *problem_, Vector(40, 0.5F), Vector(40));
  EXPECT_EQ(found.at("change"), 0);
  EXPECT_NEAR(found.at("alignment"), 1, 1e-6);
}

class Spectra : public ::testing::Test {
 protected:
  Spectra() {
    problem_.initialize(Random(5), w_);
    problem_.initialize(Random(6), start_);
  }

  // Rows dz_ic/dw of the probe's own sample, at w: [examples * 3, 39].
  Eigen::MatrixXd jacobian(const Vector& w, std::size_t examples) {
    PlainSnapshot snapshot(problem_, w, w);
    Eigen::MatrixXd j(examples * 3, 39);
    snapshot.for_each_micro_batch(
        {.size = 1, .count = examples, .fixed = true, .mode = Mode::evaluation},
        [&](MicroBatch& m, std::size_t k) {
          for (std::size_t c = 0; c < 3; ++c) {
            Vector unit(3), row(39);
            unit[c] = 1;
            m.vector_jacobian(unit, row);
            for (std::size_t p = 0; p < 39; ++p) j(k * 3 + c, p) = row[p];
          }
        });
    return j;
  }
  Eigen::MatrixXd kernel(const Vector& w) {
    const Eigen::MatrixXd j = jacobian(w, 6);
    Eigen::MatrixXd k = Eigen::MatrixXd::Zero(6, 6);
    for (int a = 0; a < 6; ++a) {
      for (int b = 0; b < 6; ++b) {
        for (int c = 0; c < 3; ++c) k(a, b) += j.row(a * 3 + c).dot(j.row(b * 3 + c)) / 3;
      }
    }
    return k;
  }
  Eigen::VectorXd hessian_eigenvalues() {
    PlainSnapshot snapshot(problem_, w_, w_);
    Eigen::MatrixXd h(39, 39);
    for (Eigen::Index j = 0; j < 39; ++j) {
      Vector e(39), column(39);
      e[static_cast<std::size_t>(j)] = 1;
      snapshot.mean_over(
          {.size = 8, .count = 3, .fixed = true},
          [&](MicroBatch& m, std::size_t, std::span<float> out) {
            m.hessian_vector(m.loss(), e, out);
          },
          column);
      for (Eigen::Index i = 0; i < 39; ++i) h(i, j) = column[static_cast<std::size_t>(i)];
    }
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(h).eigenvalues();
  }

  Reference problem_;
  Vector w_ = Vector(39), start_ = Vector(39);
};

TEST_F(Spectra, KernelAgainstJacobians) {
  const auto found = measure("ntk", "examples=6", problem_, w_, start_);
  const Eigen::MatrixXd now = kernel(w_), then = kernel(start_);
  EXPECT_NEAR(found.at("change"), (now - then).norm() / then.norm(), 1e-5);
  EXPECT_NEAR(found.at("alignment"), now.cwiseProduct(then).sum() / (now.norm() * then.norm()),
              1e-5);
  EXPECT_NEAR(found.at("trace"), now.trace() / 6, 1e-5);
  const Eigen::VectorXd values = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(now).eigenvalues();
  EXPECT_NEAR(found.at("largest"), values[5] / 6, 1e-5);
  EXPECT_NEAR(found.at("condition"), values[5] / values[0], 1e-3 * values[5] / values[0]);
  EXPECT_THROW(measure("ntk", "examples=60 largest_memory=0.001", problem_, w_, start_), Error);
}

// With as many steps as dimensions the nodes are the eigenvalues themselves; the weights of one start
// are random, their mean over draws is 1/39 each.
TEST_F(Spectra, DensityAgainstTheEigenvalues) {
  const Eigen::VectorXd exact = hessian_eigenvalues();
  const double size = std::max(std::abs(exact[0]), std::abs(exact[38]));
  double negative = 0, near = 0;
  for (int k = 0; k < 39; ++k) {
    negative += exact[k] < -1e-3 * size ? 1.0 / 39 : 0;
    near += std::abs(exact[k]) <= 1e-3 * size ? 1.0 / 39 : 0;
  }
  const auto found =
      measure("spectral_density", "micro_batch=8 count=3 steps=39 draws=200", problem_, w_, w_);
  EXPECT_NEAR(found.at("smallest"), exact[0], 1e-4 * size);
  EXPECT_NEAR(found.at("largest"), exact[38], 1e-4 * size);
  // A share p of 39 directions has deviation below sqrt(2 p (1 - p) / 41) a draw: 0.008 over 200.
  EXPECT_NEAR(found.at("share_negative"), negative, 0.03);
  EXPECT_NEAR(found.at("share_near_zero"), near, 0.03);
  EXPECT_NEAR(found.at("trace"), exact.sum(), 0.1 * std::abs(exact.sum()) + 0.05 * size);
  EXPECT_GE(found.at("quantile_90"), exact[31] - 1e-4 * size);
  EXPECT_LE(found.at("quantile_90"), exact[38] + 1e-4 * size);
  EXPECT_LE(found.at("quantile_01"), found.at("quantile_10"));
  EXPECT_LE(found.at("quantile_10"), found.at("quantile_50"));
}

TEST_F(Spectra, TheGaussNewtonMatrixHasNoNegativeShare) {
  const auto found =
      measure("spectral_density", "micro_batch=8 count=3 steps=20 draws=4 matrix=gauss_newton",
              problem_, w_, w_);
  EXPECT_LT(found.at("share_negative"), 1e-6);
  EXPECT_GT(found.at("largest"), 0);
}

}  // namespace
}  // namespace gapbench::test
