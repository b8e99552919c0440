// Probes of curvature against dense matrices, built column by column, and under Dinh's rescaling.
#include <gmock/gmock.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "plugin/conformance/reference.h"
#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainSnapshot;
using plugin::conformance::Reference;
using plugin::conformance::Vector;

// The mean over the fixed sample of 3 micro-batches of 8 of a symmetric matrix, whose column j
// `product` writes for the j-th unit vector.
class DenseMatrices : public ::testing::Test {
 protected:
  DenseMatrices() { problem_.initialize(Random(5), w_); }

  template <class Product>
  Eigen::MatrixXd dense(Product product) {
    PlainSnapshot snapshot(problem_, w_, w_);
    Eigen::MatrixXd m(39, 39);
    for (Eigen::Index j = 0; j < 39; ++j) {
      Vector e(39);
      e[static_cast<std::size_t>(j)] = 1;
      Vector column(39);
      snapshot.mean_over(
          {.size = 8, .count = 3, .fixed = true},
          [&](MicroBatch& batch, std::size_t, std::span<float> out) { product(batch, e, out); },
          column);
      for (Eigen::Index i = 0; i < 39; ++i) m(i, j) = column[static_cast<std::size_t>(i)];
    }
    return (m + m.transpose()) / 2;
  }

  // From gradients alone: central differences. Truncation and rounding are each about 1e-4.
  Eigen::MatrixXd differenced_hessian() {
    return dense([this](MicroBatch& m, const Vector& e, std::span<float> out) {
      constexpr double h = 4e-3;
      Vector below(39);
      m.gradient_at(plugin::conformance::shifted(w_, h, e), m.loss(), out);
      m.gradient_at(plugin::conformance::shifted(w_, -h, e), m.loss(), below);
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<float>((out[i] - below[i]) / (2 * h));
      }
    });
  }

  static Eigen::VectorXd eigenvalues(const Eigen::MatrixXd& m) {  // ascending
    return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(m).eigenvalues();
  }

  std::map<std::string, double> report(const std::string& probe, const std::string& text) {
    return measure(probe, "micro_batch=8 count=3 " + text, problem_, w_, w_);
  }

  Reference problem_;
  Vector w_ = Vector(39);
};

TEST_F(DenseMatrices, HessianEigenvalues) {
  const Eigen::VectorXd expected = eigenvalues(differenced_hessian());
  auto found = report("hessian_eigenvalues", "steps=39 eigenvalues=5");
  for (int k = 1; k <= 5; ++k) {
    const std::string number = std::to_string(k);
    EXPECT_NEAR(found.at("eigenvalue_" + number), expected(39 - k), 1e-3 * expected(38)) << k;
    EXPECT_LT(found.at("residual_" + number), 1e-4 * expected(38));
  }
  EXPECT_NEAR(found.at("smallest"), expected(0), 1e-3 * expected(38));
  EXPECT_LT(found.at("smallest"), 0) << "a saddle: a curvature of the wrong sign would show";
  // After a few steps the residual says how far the value may be off.
  found = report("hessian_eigenvalues", "steps=4");
  EXPECT_GT(found.at("residual_1"), 0);
  EXPECT_LE(std::abs(found.at("eigenvalue_1") - expected(38)),
            found.at("residual_1") + 1e-3 * expected(38));
}

TEST_F(DenseMatrices, HessianTrace) {
  const Eigen::MatrixXd h = differenced_hessian();
  const auto few = report("hessian_trace", "samples=50");
  const auto many = report("hessian_trace", "samples=5000");
  EXPECT_NEAR(many.at("trace"), h.trace(), 4 * many.at("trace_error"));
  EXPECT_NEAR(few.at("trace"), h.trace(), 4 * few.at("trace_error"));
  double outside = h.squaredNorm() - h.diagonal().squaredNorm();
  // The standard error is sqrt(2 sum of squares outside the diagonal / samples), within 5 % here.
  EXPECT_NEAR(many.at("trace_error"), std::sqrt(2 * outside / 5000),
              0.05 * std::sqrt(2 * outside / 5000));
  EXPECT_LT(many.at("trace_error"), 0.1 * h.trace());
}

// 117 products: a basis of all 39 directions, and nothing is left to estimate.
TEST_F(DenseMatrices, HessianTraceByHutchPlusPlus) {
  const Eigen::MatrixXd h = differenced_hessian();
  const auto all = report("hessian_trace", "samples=117 estimator=hutch_plus_plus");
  EXPECT_NEAR(all.at("trace"), h.trace(), 1e-3 * h.norm());
  EXPECT_LT(all.at("trace_error"), 1e-4 * h.norm());
  const auto some = report("hessian_trace", "samples=48 estimator=hutch_plus_plus");
  const auto plain = report("hessian_trace", "samples=48");
  EXPECT_NEAR(some.at("trace"), h.trace(), 4 * some.at("trace_error") + 1e-3 * h.norm());
  EXPECT_LT(some.at("trace_error"), 0.5 * plain.at("trace_error"));
  EXPECT_THROW(report("hessian_trace", "samples=5 estimator=hutch_plus_plus"), Error);
}

TEST_F(DenseMatrices, GaussNewtonEigenvalueAndNormOfJ) {
  // J'J / n and J' H_z J / n, with J column by column from tangents alone.
  const auto squared = [](MicroBatch& m, const Vector& e, std::span<float> out) {
    Vector tangent(3 * m.size());
    m.jacobian_vector(e, tangent);
    for (float& t : tangent) t /= static_cast<float>(m.size());
    m.vector_jacobian(tangent, out);
  };
  const auto curved = [](MicroBatch& m, const Vector& e, std::span<float> out) {
    Vector tangent(3 * m.size());
    m.jacobian_vector(e, tangent);
    Vector cotangent(tangent.size());
    m.loss().curvature(m.outputs(), tangent, cotangent);
    m.vector_jacobian(cotangent, out);
  };
  const auto found = report("gauss_newton_eigenvalue", "steps=39");
  const double largest = eigenvalues(dense(curved))(38);
  EXPECT_NEAR(found.at("eigenvalue"), largest, 1e-5 * largest);
  EXPECT_LT(found.at("residual"), 1e-4 * largest);
  const double norm = std::sqrt(eigenvalues(dense(squared))(38));
  EXPECT_NEAR(found.at("jacobian_spectral_norm"), norm, 1e-5 * norm);
}

// tr F is the trace of the Gauss-Newton matrix of the cross-entropy.
TEST_F(DenseMatrices, FisherTraceIsTheTraceOfTheGaussNewtonMatrix) {
  const auto product = [](MicroBatch& m, const Vector& e, std::span<float> out) {
    m.gauss_newton_vector(m.loss(), e, out);
  };
  problem_.initialize(Random(9), w_);
  for (const char* estimate : {"micro_batch", "per_example"}) {
    const auto found =
        measure("fisher_trace", std::string("micro_batch=8 count=500 estimate=") + estimate,
                problem_, w_, w_);
    // The dense matrix on all 4000 examples of the same sample.
    PlainSnapshot snapshot(problem_, w_, w_);
    double trace = 0;
    for (std::size_t j = 0; j < 39; ++j) {
      Vector e(39);
      e[j] = 1;
      Vector column(39);
      snapshot.mean_over(
          {.size = 2000, .count = 2, .fixed = true},
          [&](MicroBatch& m, std::size_t, std::span<float> out) { product(m, e, out); }, column);
      trace += column[j];
    }
    EXPECT_NEAR(found.at("trace"), trace, 4 * found.at("trace_error")) << estimate;
    EXPECT_LT(found.at("trace_error"), 0.1 * trace);
  }
}

// The largest rise that a grid over the box finds, 101 points a side.
double rise_on_grid(const ProductProblem& problem, const Vector& w, double epsilon) {
  plugin::conformance::PlainMicroBatch m(problem, w, {0, 1}, Random(1));
  const double start = m.value(m.loss());
  double top = start;
  Vector unused(2);
  for (int i = -50; i <= 50; ++i) {
    for (int k = -50; k <= 50; ++k) {
      const Vector moved{static_cast<float>(w[0] + i / 50.0 * epsilon * (std::abs(w[0]) + 1)),
                         static_cast<float>(w[1] + k / 50.0 * epsilon * (std::abs(w[1]) + 1))};
      top = std::max(top, m.gradient_at(moved, m.loss(), unused));
    }
  }
  return 100 * (top - start) / (1 + start);
}

TEST(KeskarSharpness, FindsTheTopOfTheBox) {
  const ProductProblem problem({{1, 0}, {3, 2}});
  for (const Vector& w : {Vector{2, 1}, Vector{0.3F, 0.5F}, Vector{-1, 0.7F}, Vector{0.6F, 1}}) {
    for (const char* epsilon : {"0.001", "0.1"}) {
      const auto found =
          measure("keskar_sharpness", std::string("micro_batch=2 count=1 epsilon=") + epsilon,
                  problem, w, w);
      const double grid = rise_on_grid(problem, w, std::stod(epsilon));
      EXPECT_NEAR(found.at("sharpness"), grid, 1e-2 * grid) << w[0] << ", " << epsilon;
    }
  }
}

// In as many dimensions as there are parameters A is invertible and A^+ x = A^-1 x.
TEST(KeskarSharpness, InARandomSubspaceStaysInItsBox) {
  const ProductProblem problem({{1, 0}, {3, 2}});
  const Vector w{2, 1};
  const auto found =
      measure("keskar_sharpness", "micro_batch=2 count=1 epsilon=0.01 subspace=2", problem, w, w);
  const Random rows = PlainSnapshot(problem, w, w).random("subspace");
  Vector a(2), b(2);
  rows.at("row", 0).normal(a);
  rows.at("row", 1).normal(b);
  const double determinant = double{a[0]} * b[1] - double{a[1]} * b[0];
  const double y[] = {(w[0] * b[1] - w[1] * a[1]) / determinant,
                      (a[0] * w[1] - b[0] * w[0]) / determinant};
  plugin::conformance::PlainMicroBatch m(problem, w, {0, 1}, Random(1));
  const double start = m.value(m.loss());
  double top = start;
  Vector unused(2);
  for (int i = -50; i <= 50; ++i) {
    for (int k = -50; k <= 50; ++k) {
      const double u = i / 50.0 * 0.01 * (std::abs(y[0]) + 1);
      const double v = k / 50.0 * 0.01 * (std::abs(y[1]) + 1);
      const Vector moved{static_cast<float>(w[0] + a[0] * u + a[1] * v),
                         static_cast<float>(w[1] + b[0] * u + b[1] * v)};
      top = std::max(top, m.gradient_at(moved, m.loss(), unused));
    }
  }
  const double grid = 100 * (top - start) / (1 + start);
  EXPECT_NEAR(found.at("sharpness"), grid, 1e-2 * grid);
  EXPECT_THROW(measure("keskar_sharpness", "micro_batch=2 count=1 subspace=3", problem, w, w),
               Error);
}

// Dinh's alpha: (a, b) -> (alpha a, b / alpha) leaves z = a b x alone. At the minimum a b x = y the
// Hessian is 2 x^2 (b, a)(b, a)', lambda_max = 2 x^2 (a^2 + b^2), as large as one likes.
TEST(AlphaRescaling, MovesTheCurvatureAndNotTheFunction) {
  const ProductProblem problem({{2, 4}, {1, 2}});
  for (const float alpha : {1.0F, 4.0F, 16.0F}) {
    const Vector w{alpha, 2 / alpha};
    plugin::conformance::PlainMicroBatch m(problem, w, {0, 1}, Random(1));
    const auto z = m.outputs().values;
    EXPECT_THAT(std::vector<float>(z.begin(), z.end()), ::testing::ElementsAre(4, 2));
    const auto found =
        measure("hessian_eigenvalues", "micro_batch=2 count=1 steps=2", problem, w, w);
    const double expected = 5 * (w[0] * w[0] + w[1] * w[1]);  // (1/2)(2 4 + 2 1) = 5
    EXPECT_NEAR(found.at("eigenvalue_1"), expected, 1e-5 * expected);
    const auto keskar = measure("keskar_sharpness", "micro_batch=2 count=1", problem, w, w);
    EXPECT_EQ(keskar.at("loss"), 0);
    // At the corner z moves by e x (b (a + 1) + a (b + 1)) = e x (4 + a + b), the loss by its
    // square.
    const double rise = 1e-6 * 2.5 * std::pow(4 + w[0] + w[1], 2);
    EXPECT_NEAR(keskar.at("sharpness"), 100 * rise, 0.5 * rise * 10);
  }
}

// The squared error less 10: below -1 where the fit is good.
class Lowered final : public Head {
 public:
  double value(const Outputs& z, std::span<float> cotangent) const override {
    return error_.value(z, cotangent) - 10;
  }
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override {
    error_.curvature(z, t, out);
  }

 private:
  SquaredError error_;
};

class LoweredProblem final : public Problem {
 public:
  std::span<const TensorInfo> tensors() const noexcept override { return product_.tensors(); }
  std::size_t width() const noexcept override { return product_.width(); }
  std::size_t examples(Part part) const noexcept override { return product_.examples(part); }
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random random, std::span<float> w) const override {
    product_.initialize(random, w);
  }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override {
    return product_.make_passes(capacity);
  }
  PassFlops flops() const noexcept override { return product_.flops(); }

 private:
  ProductProblem product_{{{1, 1}, {1, 1}}};
  Lowered loss_;
};

TEST(KeskarSharpness, IsRefusedWhereItsDenominatorIsNotPositive) {
  const LoweredProblem problem;
  const std::vector<float> fitted{1, 1};  // loss -10
  try {
    measure("keskar_sharpness", "micro_batch=2 count=1", problem, fitted, fitted);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.what(), std::string("keskar_sharpness: phi divides by 1 + loss and wants a loss "
                                    "above -1; it is -10.000000"));
  }
  const std::vector<float> far{4, 1};  // loss -1: no more than the edge
  EXPECT_THROW(measure("keskar_sharpness", "micro_batch=2 count=1", problem, far, far), Error);
  const std::vector<float> farther{5, 1};  // loss 6
  EXPECT_NO_THROW(measure("keskar_sharpness", "micro_batch=2 count=1", problem, farther, farther));
}

}  // namespace
}  // namespace gapbench::test
