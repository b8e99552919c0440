// quadratic and ou_covariance against linear algebra.
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <numeric>

#include "gapbench/posterior.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using Matrix = Eigen::MatrixXd;

class Quadratic : public ::testing::Test {
 protected:
  std::unique_ptr<Problem> make(const std::string& text) const {
    return component_.make_problem(options(component_, text), Random(5));
  }

  // Of these training examples, each by itself: [dimension, examples].
  static Matrix gradients(const Problem& problem, const std::vector<float>& w) {
    const auto passes = problem.make_passes(1);
    Matrix g(w.size(), problem.examples(Part::train));
    std::vector<float> cotangent(problem.width()), out(w.size());
    Point point;
    point.assign(w);
    for (std::uint32_t i = 0; i < g.cols(); ++i) {
      const Outputs z = passes->forward(point, {.indices = {&i, 1}}, Mode::training);
      problem.loss().value(z, cotangent);
      passes->backward(cotangent, out);
      for (std::size_t j = 0; j < w.size(); ++j) g(j, i) = out[j];
    }
    return g;
  }
  static Matrix covariance(const Matrix& g) {
    const Matrix centered = g.colwise() - g.rowwise().mean();
    return centered * centered.transpose() / static_cast<double>(g.cols());
  }

  const Component& component_ = component("problems_quadratic");
};

// H = diag(2, 1, 1/2) and C = 3 H, wherever asked.
TEST_F(Quadratic, GradientsHaveTheMeanAndCovarianceItSays) {
  const auto problem = make("dimension=3 examples=40 largest=2 condition=4 scale=3");
  const Eigen::Vector3d h(2, 1, 0.5);
  for (const std::vector<float>& w : {std::vector<float>{0, 0, 0}, {1, -2, 4}}) {
    const Matrix g = gradients(*problem, w);
    for (int j = 0; j < 3; ++j) {
      EXPECT_NEAR(g.row(j).mean(), h[j] * w[static_cast<std::size_t>(j)], 2e-6);
    }
    const Matrix expected = 3 * h.asDiagonal().toDenseMatrix();
    EXPECT_LT((covariance(g) - expected).norm(), 1e-5 * expected.norm());
  }
}

TEST_F(Quadratic, NoiseMayBeSphericalOrOfOtherAxes) {
  const std::vector<float> zero(3);
  const Matrix same = covariance(gradients(
      *make("dimension=3 examples=40 largest=2 condition=4 noise=identity scale=3"), zero));
  EXPECT_LT((same - 3 * Matrix::Identity(3, 3)).norm(), 1e-5);
  const Matrix turned = covariance(
      gradients(*make("dimension=3 examples=40 largest=2 condition=4 noise=rotated"), zero));
  const Eigen::Vector3d values = Eigen::SelfAdjointEigenSolver<Matrix>(turned).eigenvalues();
  EXPECT_LT((values - Eigen::Vector3d(0.5, 1, 2)).norm(), 1e-5) << "the spectrum of H";
  const Matrix h = Eigen::Vector3d(2, 1, 0.5).asDiagonal().toDenseMatrix();
  EXPECT_GT((turned * h - h * turned).norm(), 0.1) << "and not its axes";
}

TEST_F(Quadratic, NeedsMoreExamplesThanParameters) {
  EXPECT_THROW(make("dimension=10 examples=10"), Error);
}

// A chain that is given.
class Given final : public Posterior {
 public:
  explicit Given(std::vector<std::vector<float>> states) : states_(std::move(states)) {}
  void draw(std::size_t k, Random, std::span<float> w) const override {
    std::ranges::copy(states_[k], w.begin());
  }
  std::size_t size() const noexcept override { return states_.size(); }

 private:
  std::vector<std::vector<float>> states_;
};

std::map<std::string, double> measured(const Problem& problem, const Posterior* posterior,
                                       const std::string& text) {
  const Component& c = component("probes_ou_covariance");
  const std::vector<float> w(problem.tensors().front().size);
  plugin::conformance::PlainSnapshot snapshot(problem, w, w, posterior);
  Numbers numbers;
  c.make_probe(options(c, text))->measure(snapshot, numbers);
  return numbers.values;
}

// d = 1, H = 2, C = 8, a = 0.1, B = 4: S = 0.01 * 8 / 4 / (1 - 0.8^2) = 1/18 exactly, and
// (0.1 / 4) 8 / 4 = 1/20 in continuous time. Draws of variance ((-1)^2 + 1^2) / 1 = 2.
TEST_F(Quadratic, OneParameterByHand) {
  const auto problem = make("dimension=1 examples=50 largest=2 scale=4");
  const Given chain({{-1}, {1}});
  const auto values = measured(*problem, &chain, "learning_rate=0.1 batch=4");
  EXPECT_NEAR(values.at("trace_ratio"), 36, 1e-3);
  EXPECT_NEAR(values.at("error_exact"), 35, 1e-3);
  EXPECT_NEAR(values.at("error_continuous"), 39, 1e-3);
  EXPECT_NEAR(values.at("error_expected"), std::sqrt(2.0), 1e-6);
  // N H S = 50 * 2 * 2 = 200: (200 - 1 - log 200) / 2.
  EXPECT_NEAR(values.at("kl_to_posterior"), (199 - std::log(200.0)) / 2, 1e-3);
  EXPECT_EQ(values.at("draws"), 2);
}

TEST_F(Quadratic, WithoutDrawsThereIsNothingToSay) {
  const auto problem = make("dimension=2 examples=50");
  EXPECT_EQ(measured(*problem, nullptr, "learning_rate=0.1 batch=4").size(), 1U);
  const Given chain({{0, 1}, {1, 0}});
  EXPECT_EQ(measured(*problem, &chain, "learning_rate=0.1 batch=4").size(), 1U);
  const Given longer({{0, 1}, {1, 0}, {1, 1}});
  EXPECT_THROW(measured(*problem, &longer, "learning_rate=2.1 batch=4"), Error);
}

// H = diag(1, 1/10): the flattest axis is the second parameter. Of these draws it has variance 4/3, the
// first one 1/3, and their covariance is -1/3. With C = H theory has (a/B) / (2 - a h) and (a/B) / 2.
TEST_F(Quadratic, EllipsesByHand) {
  const auto problem = make("dimension=2 examples=50");
  const Given chain({{0, 2}, {1, 0}, {1, 2}});
  const auto values = measured(*problem, &chain, "learning_rate=0.1 batch=4 ellipses=true");
  EXPECT_NEAR(values.at("drawn_measured_xx"), 4.0 / 3, 1e-6);
  EXPECT_NEAR(values.at("drawn_measured_xy"), -1.0 / 3, 1e-6);
  EXPECT_NEAR(values.at("drawn_measured_yy"), 1.0 / 3, 1e-6);
  EXPECT_NEAR(values.at("drawn_exact_xx"), 0.025 / 1.99, 1e-6);
  EXPECT_NEAR(values.at("drawn_exact_yy"), 0.025 / 1.9, 1e-6);
  EXPECT_NEAR(values.at("drawn_exact_xy"), 0, 1e-6);
  EXPECT_NEAR(values.at("drawn_continuous_xx"), 0.0125, 1e-6);
  EXPECT_NEAR(values.at("drawn_continuous_yy"), 0.0125, 1e-6);
  const auto without = measured(*problem, &chain, "learning_rate=0.1 batch=4");
  EXPECT_EQ(without.size() + 9, values.size());
}

// SGD itself, from a burn-in on: independent batches of 4 of the examples' own gradients.
TEST_F(Quadratic, SgdEndsInTheStationaryCovariance) {
  const auto problem = make("dimension=3 examples=60 condition=4 noise=rotated");
  const std::vector<float> zero(3);
  const Matrix noise = gradients(*problem, zero);  // at 0, the minimum
  const Eigen::Vector3d h(1, 0.5, 0.25);
  constexpr double rate = 0.5;
  Random random(9);
  Eigen::Vector3d w(0, 0, 0);
  std::vector<std::vector<float>> states;
  for (int k = 0; k < 100 + 40 * 4000; ++k) {
    Eigen::Vector3d g = h.asDiagonal() * w;
    for (int i = 0; i < 4; ++i) g += noise.col(static_cast<int>(random.below(60))) / 4;
    w -= rate * g;
    if (k < 100 || k % 40 != 0) continue;
    const Eigen::Vector3f state = w.cast<float>();
    states.push_back({state[0], state[1], state[2]});
  }
  const Given chain(std::move(states));
  const auto values = measured(*problem, &chain, "learning_rate=0.5 batch=4");
  EXPECT_LT(values.at("error_exact"), 3 * values.at("error_expected"));
  EXPECT_LT(values.at("error_expected"), 0.05);
  EXPECT_GT(values.at("error_continuous"), 0.08) << "a step of half the curvature is not small";
}

}  // namespace
}  // namespace gapbench::test
