// muon and soap by hand, and soap against the textbook in double.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "gapbench/stand_in_step.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;
using Shape = std::vector<TensorInfo>;

TensorInfo weight(const char* name, std::vector<std::size_t> shape, std::size_t offset) {
  std::size_t size = 1;
  for (const std::size_t side : shape) size *= side;
  return {name, TensorKind::weight, std::move(shape), offset, size};
}
Shape one(std::vector<std::size_t> shape) { return {weight("w", std::move(shape), 0)}; }

/// Counts gradients, and knows where it began.
class CountedStep final : public StandInStep {
 public:
  explicit CountedStep(Step& step) : StandInStep(step), initial_(step.dimension()) {}
  std::span<const float> initial_parameters() const noexcept override { return initial_; }
  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    ++gradients;
    return step().gradient(at, out, by_variance);
  }
  int gradients = 0;

 private:
  Vector initial_;
};

/// Muon with an optimizer of `library` for the rest.
std::unique_ptr<Optimizer> muon(const std::string& text, const Shape& shape,
                                const std::string& library = "optimizers_sgd",
                                const std::string& of_rest = "learning_rate=1") {
  const Component& c = component("optimizers_muon");
  const auto specs = plugin::options_of(c);
  OptionMap given = plugin::parse_example(c.about.name, specs, text);
  given.insert({"rest", "sgd"});
  Handed handed;
  handed.optimizers["rest"] = [library, of_rest](std::span<const TensorInfo> t) {
    const Component& rest = component(library);
    return rest.make_optimizer(options(rest, of_rest), t);
  };
  return c.make_optimizer(Options::resolve(c.about.name, specs, given, std::move(handed)), shape);
}

/// Where one step leads from 0 under this gradient.
Vector after(Optimizer& optimizer, const Vector& gradient, int* gradients = nullptr) {
  Vector w(gradient.size());
  PencilStep pencil(w, 0, gradient);
  CountedStep step(pencil);
  optimizer.step(step);
  if (gradients != nullptr) *gradients = step.gradients;
  return w;
}

/// What an iteration makes of a singular value.
double iterated(double s) { return 3.4445 * s - 4.7750 * s * s * s + 2.0315 * std::pow(s, 5); }

constexpr const char* plain = "learning_rate=1 momentum=0 nesterov=false iterations=1 matrices=all";

void expect_near(const Vector& found, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 2e-6) << i;
}

// A row has one singular value, 1 when scaled: 3.4445 - 4.775 + 2.0315 = 0.701.
TEST(Muon, ARowAndAColumn) {
  expect_near(after(*muon(plain, one({1, 2})), {3, 4}), {-0.701 * 0.6, -0.701 * 0.8});
  const Vector column = after(*muon(plain, one({4, 1})), {3, 4, 0, 0});
  expect_near(column, {-2 * 0.701 * 0.6, -2 * 0.701 * 0.8, 0, 0});  // sqrt(4 / 1)
}

TEST(Muon, IteratesSingularValuesOfFlattenedFilters) {
  const Vector w = after(*muon(plain, one({2, 1, 1, 2})), {3, 0, 0, 4});
  expect_near(w, {-iterated(0.6), 0, 0, -iterated(0.8)});
  const std::string five = "learning_rate=0.5 momentum=0 nesterov=false iterations=5 matrices=all";
  double s = 0.6;
  for (int k = 0; k < 5; ++k) s = iterated(s);
  EXPECT_NEAR(after(*muon(five, one({2, 2})), {3, 0, 0, 4})[0], -0.5 * s, 1e-5);
}

// momentum 1/2: B = (1, 0), then (1/2, 1); the direction is g + B / 2.
TEST(Muon, LooksAheadAlongTheVelocity) {
  const auto optimizer =
      muon("learning_rate=1 momentum=0.5 iterations=1 matrices=all", one({1, 2}));
  expect_near(after(*optimizer, {1, 0}), {-0.701, 0});
  const double length = std::hypot(0.25, 1.5);
  expect_near(after(*optimizer, {0, 1}), {-0.701 * 0.25 / length, -0.701 * 1.5 / length});
}

TEST(Muon, LeavesOuterLayersAndBiasesToTheRest) {
  const Shape shape{weight("first", {1, 2}, 0),
                    {"first.bias", TensorKind::bias, {1}, 2, 1},
                    weight("middle", {1, 2}, 3),
                    weight("last", {2, 1}, 5)};
  int gradients = 0;
  const Vector w =
      after(*muon("learning_rate=1 iterations=1", shape), {1, 2, 3, 3, 4, 5, 6}, &gradients);
  expect_near(w, {-1, -2, -3, -0.701 * 0.6, -0.701 * 0.8, -5, -6});
  EXPECT_EQ(gradients, 1) << "the gradient at w is shared";
  EXPECT_THROW(muon("learning_rate=1", {shape[0], shape[1]}), Error);
}

// sam on the rest asks where the rest has moved and the matrix has not: F = |w|^2 / 2, so e = (0, 0, 2)
// and the rest goes by 4 + 2.
TEST(Muon, TheRestMayAskElsewhere) {
  const Shape shape{weight("w", {1, 2}, 0), {"bias", TensorKind::bias, {1}, 2, 1}};
  const auto optimizer = muon(plain, shape, "optimizers_sam", "learning_rate=1 rho=2");
  Vector w{3, 4, 4};
  PencilStep pencil(w, 1);
  CountedStep step(pencil);
  optimizer->step(step);
  expect_near(w, {3 - 0.701 * 0.6, 4 - 0.701 * 0.8, -2});
  EXPECT_EQ(step.gradients, 2);
}

std::unique_ptr<Optimizer> soap(const std::string& text, const Shape& shape) {
  const Component& c = component("optimizers_soap");
  return c.make_optimizer(options(c, text), shape);
}

// G = 5 u v^T with u = (0.6, 0.8), v = (0.8, 0.6): one number in its own basis, 5 / (5 + 5).
TEST(Soap, TurnsARankOneGradientIntoOneNumber) {
  const Vector w = after(*soap("learning_rate=1 epsilon=5", one({2, 2})), {2.4F, 1.8F, 3.2F, 2.4F});
  expect_near(w, {-0.24, -0.18, -0.32, -0.24});
}

TEST(Soap, IsAdamWhereNothingIsTurned) {
  const std::string moments = "learning_rate=0.1 beta1=0.9 beta2=0.8 epsilon=0.01";
  const Component& adam = component("optimizers_adam");
  const std::vector<std::pair<std::string, Shape>> cases{
      {moments, one({4})}, {moments + " largest=1", one({2, 2})}, {moments, one({1, 4})}};
  for (const auto& [text, shape] : cases) {
    const auto a = adam.make_optimizer(options(adam, moments), shape);
    const auto b = soap(text, shape);
    Vector wa{1, -2, 3, 0.5F};
    Vector wb = wa;
    for (int k = 0; k < 10; ++k) {
      PencilStep fa(wa, 0.5, {1, 0, -1, 2});
      PencilStep fb(wb, 0.5, {1, 0, -1, 2});
      a->step(fa);
      b->step(fb);
      for (std::size_t i = 0; i < wa.size(); ++i) EXPECT_NEAR(wa[i], wb[i], 1e-5) << text << k;
    }
  }
}

TEST(Soap, FollowsTheTextbook) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const double beta1 = 0.5, beta2 = 0.75, epsilon = 0.1, rate = 0.05;
  const auto optimizer =
      soap("learning_rate=0.05 beta1=0.5 beta2=0.75 epsilon=0.1 every=2", one({2, 3}));
  Vector w{1, -2, 3, 0.5F, 0.25F, -1};
  Vector slope{1, 0, -1, 2, 0.5F, 0.25F};  // turned in every step, so that the bases turn, too
  Matrix x(2, 3), c(2, 3);
  for (int i = 0; i < 6; ++i) x(i / 3, i % 3) = w[std::size_t(i)];
  Matrix l = Matrix::Zero(2, 2), r = Matrix::Zero(3, 3), ql, qr;
  Matrix m = Matrix::Zero(2, 3), v = m;
  for (int t = 1; t <= 6; ++t) {
    std::ranges::rotate(slope, slope.begin() + 1);
    for (int i = 0; i < 6; ++i) c(i / 3, i % 3) = slope[std::size_t(i)];
    const Matrix g = 0.5 * x + c;
    l = beta2 * l + (1 - beta2) * g * g.transpose();
    r = beta2 * r + (1 - beta2) * g.transpose() * g;
    if (t % 2 == 1) {
      ql = Eigen::SelfAdjointEigenSolver<Matrix>(l).eigenvectors();
      qr = Eigen::SelfAdjointEigenSolver<Matrix>(r).eigenvectors();
    }
    m = beta1 * m + (1 - beta1) * g;
    const Matrix turned = ql.transpose() * g * qr;
    v = beta2 * v + (1 - beta2) * turned.cwiseAbs2();
    const Matrix mean = ql.transpose() * m * qr / (1 - std::pow(beta1, t));
    const Matrix root = (v / (1 - std::pow(beta2, t))).cwiseSqrt();
    const Matrix n = mean.array() / (root.array() + epsilon);
    x -= rate * ql * n * qr.transpose();
    PencilStep f(w, 0.5, slope);
    optimizer->step(f);
    for (int i = 0; i < 6; ++i) EXPECT_NEAR(w[std::size_t(i)], x(i / 3, i % 3), 1e-5) << t;
  }
}

}  // namespace
}  // namespace gapbench::test
