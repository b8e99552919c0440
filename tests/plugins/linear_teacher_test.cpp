// linear_teacher against what is known of it in closed form.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

std::vector<std::uint32_t> all_of(const Problem& problem, Part part) {
  std::vector<std::uint32_t> indices(problem.examples(part));
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

class LinearTeacher : public ::testing::Test {
 protected:
  std::unique_ptr<Problem> make(const std::string& text, std::uint64_t seed) const {
    return component_.make_problem(options(component_, text), Random(seed));
  }

  // The loss over a whole part; its gradient where `out` is not empty.
  static double loss(const Problem& problem, Part part, const std::vector<float>& w,
                     std::span<float> out) {
    const auto indices = all_of(problem, part);
    const auto passes = problem.make_passes(indices.size());
    Point point;
    point.assign(w);
    const Outputs z = passes->forward(point, {.part = part, .indices = indices}, Mode::training);
    std::vector<float> cotangent(out.empty() ? 0 : z.values.size());
    const double value = problem.loss().value(z, cotangent);
    if (!out.empty()) passes->backward(cotangent, out);
    return value;
  }

  // The test loss of the solution of least norm, by gradient descent from 0.
  double ridgeless_test_loss(const std::string& text, std::uint64_t seed) const {
    const auto problem = make(text, seed);
    std::vector<float> w(problem->tensors().front().size);
    std::vector<float> gradient(w.size());
    problem->initialize(Random(0), w);
    for (int k = 0; k < 300; ++k) {
      train_loss_ = loss(*problem, Part::train, w, gradient);
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= 0.12F * gradient[i];
    }
    return loss(*problem, Part::test, w, {});
  }

  double mean_test_loss(const std::string& text) const {
    constexpr int data_sets = 12;
    double sum = 0;
    for (std::uint64_t seed = 0; seed < data_sets; ++seed) sum += ridgeless_test_loss(text, seed);
    return sum / data_sets;
  }

  const Component& component_ = component("problems_linear_teacher");
  mutable double train_loss_ = 0;
};

// gamma = 2: excess 1 * (1 - 1/2) + 0.25 / (2 - 1) = 0.75, and 0.25 of noise in the test labels.
TEST_F(LinearTeacher, OverParameterizedRiskIsHastie) {
  EXPECT_NEAR(mean_test_loss("features=120 train=60 test=500 noise=0.5"), 1.0, 0.1);
  EXPECT_LT(train_loss_, 1e-6);  // it interpolates the noise
}

// gamma = 1/2: excess 0.25 * 0.5 / (1 - 0.5) = 0.25, and 0.25 of noise in the test labels.
TEST_F(LinearTeacher, UnderParameterizedRiskIsHastie) {
  EXPECT_NEAR(mean_test_loss("features=60 train=120 test=500 noise=0.5 signal=2"), 0.5, 0.05);
}

// The signal enters squared: gamma = 2, no noise, 9 (1 - 1/2).
TEST_F(LinearTeacher, SignalIsTheTeachersLength) {
  EXPECT_NEAR(mean_test_loss("features=120 train=60 test=500 noise=0 signal=3"), 4.5, 0.45);
}

// One example: g = -2 y x at w = 0, and H g = 2 |x|^2 g with |x|^2 = |g|^2 / (4 y^2).
TEST_F(LinearTeacher, OneExampleByHand) {
  const auto problem = make("features=3 train=1 test=1", 5);
  const std::vector<std::uint32_t> first{0};
  const std::vector<float> zero(3);
  const auto passes = problem->make_passes(1);
  Point w;
  w.assign(zero);
  const Outputs z = passes->forward(w, {.indices = first}, Mode::training);
  const double y = z.targets[0];
  EXPECT_EQ(z.values[0], 0.0F);
  std::vector<float> cotangent(1), g(3), hg(3), tangent(1);
  EXPECT_DOUBLE_EQ(problem->loss().value(z, cotangent), y * y);
  passes->backward(cotangent, g);
  Point v;
  v.assign(g);
  problem->loss().curvature(z, passes->tangent_forward(v), tangent);
  passes->tangent_backward(tangent, hg);
  const double squared = double{g[0]} * g[0] + double{g[1]} * g[1] + double{g[2]} * g[2];
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(hg[i], 2 * squared / (4 * y * y) * g[i], 1e-5 * std::abs(hg[i]));
  }
}

TEST_F(LinearTeacher, StartsAtZeroUnlessTold) {
  std::vector<float> w(4, 7);
  make("features=4 train=2 test=1", 1)->initialize(Random(1), w);
  EXPECT_EQ(w, std::vector<float>(4));
  make("features=4 train=2 test=1 start=2", 1)->initialize(Random(1), w);
  EXPECT_NE(w, std::vector<float>(4));
}

TEST_F(LinearTeacher, TrainAndTestAreDifferentDraws) {
  const auto problem = make("features=4 train=3 test=3 noise=0", 1);
  const std::vector<float> zero(4);
  EXPECT_NE(loss(*problem, Part::train, zero, {}), loss(*problem, Part::test, zero, {}));
}

}  // namespace
}  // namespace gapbench::test
