// noisy_adam by hand, and where its variances come to rest on a linear model.
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

// Ten examples, prior precision 1: p0 = 0.1. Starting deviation 0.5: f = 1 / (10 * 0.25) - 0.1 = 0.3.
TEST(NoisyAdam, StepByHand) {
  const auto adam = sampler("noisy_adam",
                            "learning_rate=0.2 prior_variance=1 beta1=0.5 beta2=0.75 damping=0.05 "
                            "start_deviation=0.5 squares=batch",
                            2);
  Weights w{1, -2};
  advance(*adam, w, {.curvature = 0.6});
  Weights e(2);
  Random(5).at("noisy_adam", 0).normals(e);
  const Weights mu{1, -2};
  double nats = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const double drawn = mu[i] + 0.5 * e[i];
    const double g = 0.6 * drawn;
    const double f = 0.75 * 0.3 + 0.25 * g * g;
    const double moved = mu[i] - 0.2 * (0.5 * (g + 0.1 * drawn) / 0.5) / (f + 0.15);
    EXPECT_NEAR(w[i], moved, 1e-6);
    const double variance = 0.1 / (f + 0.1);
    EXPECT_NEAR(adam->posterior()->variances()[i], variance, 1e-6);
    EXPECT_EQ(adam->posterior()->center()[i], w[i]);
    nats += (variance + moved * moved - 1 - std::log(variance)) / 2;
  }
  EXPECT_NEAR(adam->posterior()->divergence()->nats, nats, 1e-5);
}

// The next step draws with what the last one left.
TEST(NoisyAdam, DrawsWithItsVariances) {
  const auto adam =
      sampler("noisy_adam", "learning_rate=1e-9 prior_variance=1 beta2=0.5 squares=batch", 1);
  Weights w{2};
  advance(*adam, w, {});
  const double deviation = std::sqrt(adam->posterior()->variances()[0]);
  struct Sees final : StandInStep {
    using StandInStep::StandInStep;
    double gradient(const At& at, std::span<float> out, std::span<float> v) override {
      seen.assign(at.parameters.begin(), at.parameters.end());
      return StandInStep::gradient(at, out, v);
    }
    Weights seen;
  };
  PencilStep pencil(w, 0.3);
  pencil.at_index(1);
  Numbered numbered(pencil);
  Sees sees(numbered);
  adam->step(sees);
  Weights e(1);
  Random(5).at("noisy_adam", 1).normals(e);
  EXPECT_NEAR(sees.seen.at(0), 2 + deviation * e[0], 1e-5);
}

/// 64 examples x = 1 whose targets are 0.5 +- 1, noise of deviation 1, prior variance 1: the mean
/// variance over time of the one weight that is left.
double resting_variance(const std::string& squares) {
  std::vector<Line> lines;
  for (int i = 0; i < 64; ++i) lines.push_back({{1}, i % 2 == 0 ? 1.5F : -0.5F});
  const LineProblem problem(lines, {}, 1);
  const Component& c = component("optimizers_noisy_adam");
  const auto adam = c.make_optimizer(
      options(c, "learning_rate=0.02 prior_variance=1 beta2=0.995 squares=" + squares),
      problem.tensors());
  Weights w{0};
  double sum = 0;
  for (std::uint64_t k = 0; k < 12000; ++k) {
    PlainStep step(problem, w, k);
    adam->step(step);
    if (k >= 2000) sum += adam->posterior()->variances()[0] / 10000;
  }
  return sum;
}

// Per example squares are 1 + (w - 0.5)^2, so s = 1 / (64 (1 + s + v) + 1) with v, the variance of mu,
// small beside 1: about the posterior's 1 / 65.
TEST(NoisyAdam, RestsAtThePosteriorsVariance) {
  EXPECT_NEAR(resting_variance("examples") * 65, 1, 0.05);
}

// The square of the mean over 32 is 1/32 + s: s = 1 / (64 (1/32 + s) + 1), 64 s^2 + 3 s = 1.
TEST(NoisyAdam, SquaresOfMiniBatchesAreNoFisherInformation) {
  EXPECT_NEAR(resting_variance("batch") / ((-3 + std::sqrt(265)) / 128), 1, 0.15);
}

}  // namespace
}  // namespace gapbench::test
