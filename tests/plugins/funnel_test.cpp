// funnel: its derivatives, and the drift that noise gives.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class Funnel : public ::testing::Test {
 protected:
  std::unique_ptr<Problem> make(const std::string& text) const {
    return component_.make_problem(options(component_, text), Random(3));
  }

  const Component& component_ = component("problems_funnel");
};

// At u = log 2, v = 3: f = 9, gradient (9, 6), Hessian [[9, 6], [6, 2]]; the tilts sum to 0.
TEST_F(Funnel, ByHandOverAllExamples) {
  const auto problem = make("examples=16 noise=2 along=true");
  std::vector<std::uint32_t> all(16);
  std::iota(all.begin(), all.end(), 0U);
  const auto passes = problem->make_passes(16);
  const std::vector<float> w{std::log(2.0F), 3};
  const std::vector<float> v{1, 10};
  Point point, direction;
  point.assign(w);
  direction.assign(v);
  const Outputs z = passes->forward(point, {.indices = all}, Mode::training);
  std::vector<float> cotangent(16), curvature(16), g(2), hv(2);
  EXPECT_NEAR(problem->loss().value(z, cotangent), 9, 1e-5);
  passes->backward(cotangent, g);
  EXPECT_NEAR(g[0], 9, 1e-5);
  EXPECT_NEAR(g[1], 6, 1e-5);
  problem->loss().curvature(z, passes->tangent_forward(direction), curvature);
  passes->tangent_backward(curvature, hv);
  EXPECT_NEAR(hv[0], 69, 1e-4);
  EXPECT_NEAR(hv[1], 26, 1e-4);
}

// Mean 0 and variance noise^2 over the training part, in v alone unless told.
TEST_F(Funnel, TiltsAreTheGradientNoise) {
  for (const bool along : {false, true}) {
    const auto problem = make(along ? "examples=50 noise=2 along=true" : "examples=50 noise=2");
    const auto passes = problem->make_passes(1);
    const std::vector<float> floor{0, 0};
    Point point;
    point.assign(floor);
    double sums[2] = {}, squares[2] = {};
    for (std::uint32_t i = 0; i < 50; ++i) {
      const Outputs z = passes->forward(point, {.indices = {&i, 1}}, Mode::training);
      std::vector<float> cotangent(1), g(2);
      problem->loss().value(z, cotangent);
      passes->backward(cotangent, g);
      for (int axis : {0, 1}) {
        sums[axis] += g[static_cast<std::size_t>(axis)];
        squares[axis] +=
            double{g[static_cast<std::size_t>(axis)]} * g[static_cast<std::size_t>(axis)];
      }
    }
    EXPECT_NEAR(sums[0], 0, 1e-4);
    EXPECT_NEAR(sums[1], 0, 1e-4);
    EXPECT_NEAR(squares[0] / 50, along ? 4 : 0, 1e-4);
    EXPECT_NEAR(squares[1] / 50, 4, 1e-4);
  }
}

TEST_F(Funnel, StartsWhereItIsTold) {
  std::vector<float> w(2);
  make("start_u=-1 start_v=0.5")->initialize(Random(1), w);
  EXPECT_EQ(w, (std::vector<float>{-1, 0.5}));
}

// a = 0.1, B = 1, noise 1, u from 0: a^2 / (2 (2 - a e^u)) a step, 1,000 steps, 200 walks. Without
// noise nothing moves.
TEST_F(Funnel, NoiseDriftsToTheFlatEnd) {
  const auto problem = make("examples=64 noise=1");
  const auto passes = problem->make_passes(1);
  constexpr int walks = 200, steps = 1000;
  constexpr float rate = 0.1F;
  Random random(4);
  double sum = 0, squares = 0;
  for (int walk = 0; walk < walks; ++walk) {
    std::vector<float> w{0, 0}, cotangent(1), g(2);
    Point point;
    for (int k = 0; k < steps; ++k) {
      const auto i = static_cast<std::uint32_t>(random.below(64));
      point.assign(w);
      const Outputs z = passes->forward(point, {.indices = {&i, 1}}, Mode::training);
      problem->loss().value(z, cotangent);
      passes->backward(cotangent, g);
      for (std::size_t j = 0; j < 2; ++j) w[j] -= rate * g[j];
    }
    sum += w[0];
    squares += double{w[0]} * w[0];
  }
  double predicted = 0;
  for (int k = 0; k < steps; ++k) predicted -= 0.01 / (2 * (2 - 0.1 * std::exp(predicted)));
  const double mean = sum / walks;
  const double error = std::sqrt((squares / walks - mean * mean) / walks);
  EXPECT_NEAR(predicted, -2.54, 0.02);
  EXPECT_NEAR(mean, predicted, 4 * error + 0.02 * std::abs(predicted));
  EXPECT_LT(error, 0.05);
}

}  // namespace
}  // namespace gapbench::test
