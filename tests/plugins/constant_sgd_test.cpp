// constant_sgd by hand, its optimal step against naive loops, and the spread of its iterates.
#include <gmock/gmock.h>

#include <cmath>

#include "plugin/conformance/oracle.h"
#include "plugin/conformance/scenes.h"
#include "plugins/samplers.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using plugin::conformance::PlainStep;
using plugin::conformance::Scene;

// 1 - 0.5 (0.3 + 1 / 10).
TEST(ConstantSgd, StepByHand) {
  const auto sgd = sampler("constant_sgd", "learning_rate=0.5 prior_variance=1 burn_in=0", 2);
  Weights w{1, -2};
  advance(*sgd, w, {});
  EXPECT_FLOAT_EQ(w[0], 0.8F);
  EXPECT_FLOAT_EQ(w[1], -1.6F);
}

/// The diagonal of the covariance of the gradients of the examples of a step: two passes over them.
std::vector<double> covariance(Step& step) {
  const std::size_t d = step.dimension();
  std::vector<Weights> gradients;
  Weights unused(d);
  step.mean_over(
      {}, 1,
      [&](MicroBatch& m, std::size_t, std::span<float> term) {
        m.gradient(m.loss(), term);
        gradients.emplace_back(term.begin(), term.end());
      },
      unused);
  const auto n = static_cast<double>(gradients.size());
  std::vector<double> diagonal(d);
  for (std::size_t i = 0; i < d; ++i) {
    double mean = 0;
    for (const Weights& g : gradients) mean += g[i] / n;
    for (const Weights& g : gradients) diagonal[i] += (g[i] - mean) * (g[i] - mean) / (n - 1);
  }
  return diagonal;
}

// 4,096 examples, mini-batches of 32; beta 0: C is that of the last mini-batch of the burn-in.
class OptimalStep : public ::testing::TestWithParam<bool> {};

TEST_P(OptimalStep, IsThatOfNaiveLoops) {
  const bool diagonal = GetParam();
  const Scene scene = plugin::conformance::usual_scene(3);
  const Component& c = component("optimizers_constant_sgd");
  const auto sgd = c.make_optimizer(
      options(c,
              std::string("learning_rate=0.25 prior_variance=1e9 beta=0 burn_in=1 precondition=") +
                  (diagonal ? "diagonal" : "none")),
      scene.problem->tensors());
  const auto bounded = [&](double optimal) { return std::min(0.25, optimal); };
  Weights w = scene.w;
  PlainStep first(*scene.problem, w, 0);
  const std::vector<double> covariances = covariance(first);
  sgd->step(first);
  const Weights before = w;
  PlainStep second(*scene.problem, w, 1);
  Weights g(w.size());
  second.gradient(g);
  sgd->step(second);
  double trace = 0;
  for (const double x : covariances) trace += x;
  const auto d = static_cast<double>(w.size());
  const double most = 2 * 32.0 / 4096;
  std::size_t below = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const double rate = bounded(diagonal ? most / covariances[i] : most * d / trace);
    EXPECT_NEAR(before[i] - w[i], rate * g[i], 2e-7 + 1e-4 * std::abs(rate * g[i])) << i;
    below += rate < 0.25 ? 1 : 0;
  }
  EXPECT_GT(below, 0U);
  EXPECT_TRUE(diagonal ? below < w.size() : below == w.size()) << below;
  const auto report = reported(*sgd->posterior());
  EXPECT_EQ(report.count("optimal_rate"), diagonal ? 0U : 1U);
  if (diagonal) return;
  EXPECT_NEAR(report.at("optimal_rate") / (most * d / trace), 1, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(ConstantSgd, OptimalStep, ::testing::Bool());

/// Gradients 2 w with noise of deviation sqrt(3 / 10): examples of variance 3 in mini-batches of ten.
void walk(Optimizer& sgd, std::span<float> w, std::uint64_t steps) {
  Weights slope(w.size());
  for (std::uint64_t k = 0; k < steps; ++k) {
    Random(8).at("slope", k).normals(slope);
    for (float& x : slope) x *= static_cast<float>(std::sqrt(0.3));
    advance(sgd, w, {.curvature = 2, .first = k, .slope = slope});
  }
}

// e c / (S a (2 - e a)) = 0.1 * 3 / (10 * 2 * 1.8). 40,000 parameters are as many chains.
TEST(ConstantSgd, StationaryVariance) {
  Weights w(40000, 0);
  const auto sgd = sampler("constant_sgd",
                           "learning_rate=0.1 prior_variance=1e9 burn_in=0 every=1000", w.size());
  walk(*sgd, w, 80);
  EXPECT_NEAR(mean_square(w) / 0.0083333, 1, 0.035);
}

// A pencil step has no examples whose covariance could be told: no noise, no bound but the given one.
TEST(ConstantSgd, NoiseThatIsNotThereBoundsNothing) {
  const auto sgd = sampler("constant_sgd", "learning_rate=0.5 prior_variance=1 burn_in=2", 1);
  Weights w{1};
  advance(*sgd, w, {.steps = 3});
  EXPECT_FLOAT_EQ(w[0], 0.512F);
  const auto report = reported(*sgd->posterior());
  EXPECT_EQ(report.at("rate"), 0.5);
  EXPECT_EQ(report.at("at_bound"), 1);
  EXPECT_EQ(report.count("optimal_rate"), 0U);
}

TEST(ConstantSgd, OneExampleHasNoCovariance) {
  Weights w{1};
  PencilStep pencil(w, 1);
  Numbered step(pencil, 1);
  EXPECT_THROW(sampler("constant_sgd", "learning_rate=1 prior_variance=1 burn_in=1", 1)->step(step),
               Error);
}

}  // namespace
}  // namespace gapbench::test
