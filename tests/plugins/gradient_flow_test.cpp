// gradient_flow against the flow itself, and descent against both flows of backward error analysis.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

// F = curvature/2 w^2 has the flow w(t) = w exp(-curvature t).
float flow(float w, double curvature, double rate, const std::string& more = "") {
  const Component& c = component("optimizers_gradient_flow");
  std::vector<float> at{w};
  PencilStep step(at, curvature);
  const auto specs = tensors(1);
  c.make_optimizer(options(c, "learning_rate=" + std::to_string(rate) + more), specs)->step(step);
  return at[0];
}

// One substep is the Taylor polynomial of degree 4: 1 - x + x^2/2 - x^3/6 + x^4/24 at x = 1.
TEST(GradientFlow, OneSubstepByHand) {
  EXPECT_FLOAT_EQ(flow(24, 1, 1, " substeps=1"), 9);  // of 24
}

TEST(GradientFlow, FollowsTheExponential) {
  EXPECT_NEAR(flow(1, 2, 0.5), std::exp(-1.0), 1e-6);
  EXPECT_NEAR(flow(-3, 0.5, 1, " substeps=4"), -3 * std::exp(-0.5), 1e-5);
}

TEST(GradientFlow, TakesTheTimeOfTheSchedule) {
  const Component& c = component("optimizers_gradient_flow");
  std::vector<float> at{1};
  PencilStep step(at, 1);
  step.at_schedule(0.5);
  const auto specs = tensors(1);
  c.make_optimizer(options(c, "learning_rate=0.5"), specs)->step(step);
  EXPECT_NEAR(at[0], std::exp(-0.25), 1e-6);
}

// On F = h/2 w^2 descent gives (1 - e h) w; the modified loss h/2 (1 + e h/2) w^2 flows to
// exp(-e h (1 + e h/2)) w. Halving e divides the distances by 4 and by 8.
TEST(GradientFlow, DescentIsOneOrderNearerToTheModifiedFlow) {
  const auto distances = [](double e) {
    const double descent = 1 - e;
    return std::pair{std::abs(descent - flow(1, 1, e)), std::abs(descent - flow(1, 1 + e / 2, e))};
  };
  const auto [plain, modified] = distances(0.2);
  const auto [plain_half, modified_half] = distances(0.1);
  EXPECT_NEAR(std::log2(plain / plain_half), 2, 0.1);
  EXPECT_NEAR(std::log2(modified / modified_half), 3, 0.1);
}

}  // namespace
}  // namespace gapbench::test
