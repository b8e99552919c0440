// sgfs by hand, and its stationary variance, which is the posterior's at every alpha.
#include <gmock/gmock.h>

#include <cmath>

#include "plugin/conformance/oracle.h"
#include "plugins/samplers.h"
#include "train/line_problem.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using plugin::conformance::PlainStep;
using testing::Line;
using testing::LineProblem;

// A pencil step has no examples: F is the prior's, 1 / 0.5. N g = 10 * 0.3 * 1, w / 0.5 = 2; alpha 1:
// 1 + (-3 - 2 + sqrt(2) e) / 2.
TEST(Sgfs, StepByHandWhereNothingIsKnown) {
  Weights w{1};
  advance(*sampler("sgfs", "alpha=1 prior_variance=0.5 burn_in=0", 1), w, {});
  Weights e(1);
  Random(5).at("sgfs", 0).normals(e);
  EXPECT_NEAR(w[0], 1 + (-5 + std::sqrt(2.0) * e[0]) / 2, 1e-6);
}

/// 64 examples x = 1 whose targets are 0.5 +- 1, noise of deviation 1, prior variance 1: I = 1, and the
/// posterior is N(32 / 65, 1 / 65).
class Stationary : public ::testing::TestWithParam<std::string> {};

TEST_P(Stationary, MomentsAreThePosteriors) {
  std::vector<Line> lines;
  for (int i = 0; i < 64; ++i) lines.push_back({{1}, i % 2 == 0 ? 1.5F : -0.5F});
  const LineProblem problem(lines, {}, 1);
  const Component& c = component("optimizers_sgfs");
  const auto sgfs = c.make_optimizer(
      options(c, "prior_variance=1 burn_in=0 every=100000 alpha=" + GetParam()), problem.tensors());
  Weights w{0};
  double sum = 0;
  double squares = 0;
  constexpr std::uint64_t steps = 20000;
  for (std::uint64_t k = 0; k < steps; ++k) {
    PlainStep step(problem, w, k);  // 32 examples, drawn with repeats
    sgfs->step(step);
    sum += w[0];
    squares += double{w[0]} * w[0];
  }
  const double mean = sum / steps;
  EXPECT_NEAR(mean, 32.0 / 65, 0.006);
  EXPECT_NEAR((squares / steps - mean * mean) * 65, 1, 0.08);
}

INSTANTIATE_TEST_SUITE_P(Sgfs, Stationary, ::testing::Values("0", "0.5", "2"));

}  // namespace
}  // namespace gapbench::test
