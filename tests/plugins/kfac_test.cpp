// kfac and noisy_kfac where K-FAC is exact: one weight matrix under Gaussian noise, by hand and against the
// full Laplace approximation.
#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/error.h"
#include "plugin/conformance/reference.h"
#include "plugins/laplace.h"
#include "plugins/windows.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using plugin::conformance::PlainStep;
using plugin::conformance::Reference;
using ::testing::HasSubstr;

std::unique_ptr<Optimizer> made(const std::string& name, const std::string& text,
                                std::span<const TensorInfo> shape) {
  const Component& c = component("optimizers_" + name);
  return c.make_optimizer(options(c, text), shape);
}

/// y = (2 x_0 - x_1 + 3, x_0 + x_1 / 2 - 1) without noise; r = 2.
Windows line() {
  std::vector<Windows::Example> examples;
  const float x[][2] = {{1, 0}, {0, 1}, {2, 1}, {-1, 2}, {1, -3}, {0.5F, 0.25F}};
  for (const auto& [a, b] : x) {
    examples.push_back({{{a, b}}, {2 * a - b + 3, a + b / 2 - 1}});
  }
  return {examples, 2, true};
}

/// One weight x = 2 (or another), target 3, r = 2: F = x^2 / 4.
Windows single(float x) { return {{{{{x}}, {3}}}, 2, false}; }

/// Two positions, (a, 0) and (0, +-b): the sum of products between them is 0, so A (x) G is the Fisher
/// information, E[sum_t a_t a_t^T] (x) I / r^2, though the positions of one example vary together.
Windows pixels() {
  std::vector<Windows::Example> examples;
  for (const float sign : {1.0F, -1.0F}) {
    examples.push_back({{{2, 0}, {0, sign}}, {1, sign}});
    examples.push_back({{{1, 0}, {0, 3 * sign}}, {0, 2}});
  }
  return {examples, 0.5, false};
}

// Without damping the step of length 1 is Newton's; the targets are met exactly.
TEST(Kfac, OneStepSolvesALinearModel) {
  const Windows problem = line();
  Weights w{0.3F, 0.1F, -0.2F, 1, 0.5F, -2};
  const auto kfac =
      made("kfac", "learning_rate=1 momentum=0 damping=1e-9 kl_clip=0", problem.tensors());
  WholeStep step(problem, w);
  kfac->step(step);
  const Weights expected{2, -1, 1, 0.5F, 3, -1};
  for (std::size_t i = 0; i < w.size(); ++i) EXPECT_NEAR(w[i], expected[i], 1e-5) << i;
}

// w = 1, x = 2: F = 1, g = 2 (2 - 3) / 4 = -1/2.
TEST(Kfac, StepsByHand) {
  const Windows problem = single(2);
  Weights w{1};
  const auto kfac = made("kfac",
                         "learning_rate=0.4 momentum=0.5 damping=0.25 kl_clip=0 "
                         "statistics_every=1 basis_every=1",
                         problem.tensors());
  WholeStep first(problem, w, 0, 0.5);
  kfac->step(first);
  EXPECT_NEAR(w[0], 1 + 0.2 * 0.4, 1e-6);  // d = -0.5 / 1.25
  WholeStep second(problem, w, 1, 0.5);
  kfac->step(second);
  const double d = (2 * 1.08 - 3) * 2 / 4 / 1.25;
  EXPECT_NEAR(w[0], 1.08 - 0.2 * (0.5 * -0.4 + d), 1e-6);
}

// The same step clipped: rate^2 g . d = 0.16 * 0.5 * 0.4 = 0.032, to a quarter of that.
TEST(Kfac, ClipsInTheModelsMetric) {
  const Windows problem = single(2);
  Weights w{1};
  const auto kfac =
      made("kfac", "learning_rate=0.4 momentum=0 damping=0.25 kl_clip=0.008", problem.tensors());
  WholeStep step(problem, w);
  kfac->step(step);
  EXPECT_NEAR(w[0], 1 + 0.4 * 0.4 / 2, 1e-6);
}

// A = 4, then of x = 1: the second measurement of two at decay 0.95 is half, at 0.25 three quarters.
TEST(Kfac, FactorsAreMovingMeans) {
  for (const auto& [decay, a] : {std::pair{"0.95", 2.5}, std::pair{"0.25", 1.75}}) {
    const Windows two = single(2);
    const Windows one = single(1);
    Weights w{1};
    const auto kfac = made("kfac",
                           std::string("learning_rate=1e-6 momentum=0 damping=0.25 kl_clip=0 "
                                       "statistics_every=1 basis_every=1 factor_decay=") +
                               decay,
                           two.tensors());
    WholeStep first(two, w);
    kfac->step(first);
    w[0] = 0;  // where a step of 1e-6 shows
    WholeStep second(one, w, 1);
    kfac->step(second);
    EXPECT_NEAR(w[0] * 1e6, 0.75 / (a / 4 + 0.25), 1e-5) << decay;
  }
}

// The hidden layer has factors of 6 and 4 rows, the output layer of 5 and 3.
TEST(Kfac, LayersLeftOutTakeTheGradient) {
  const Reference problem;
  Weights w(39);
  problem.initialize(Random(2), w);
  const Weights begin = w;
  Weights g(39);
  PlainStep ask(problem, w, 0);
  ask.gradient(g);
  const auto kfac = made("kfac", "learning_rate=0.125 momentum=0 kl_clip=0 damping=1 largest=5",
                         problem.tensors());
  PlainStep step(problem, w, 0);
  kfac->step(step);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_NEAR(begin[i] - w[i], 0.125 * g[i], 1e-6) << i;
  double difference = 0;
  for (std::size_t i = 24; i < 39; ++i) difference += std::abs(begin[i] - w[i] - 0.125 * g[i]);
  EXPECT_GT(difference, 1e-3);
}

TEST(Kfac, RefusesWhatHasNoFactors) {
  const auto refusal = [](const std::string& text, std::span<const TensorInfo> shape) {
    try {
      made("kfac", "learning_rate=1 " + text, shape);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(refusal("", tensors(3)), HasSubstr("needs a problem with linear layers"));
  EXPECT_THAT(refusal("largest=2", Reference().tensors()), HasSubstr("leaves no layer"));
  const Windows problem = single(2);
  Weights w{1};
  const auto sampled = made("kfac", "learning_rate=1 fisher=sampled", problem.tensors());
  WholeStep step(problem, w);
  EXPECT_THROW(sampled->step(step), Error);
}

/// After one step: with decay 0 nothing is left of the start.
std::unique_ptr<Optimizer> noisy(const Windows& problem, Weights& w) {
  auto optimizer =
      made("noisy_kfac", "learning_rate=0.1 prior_variance=0.5 factor_decay=0", problem.tensors());
  WholeStep step(problem, w);
  optimizer->step(step);
  return optimizer;
}

void expect_agrees_with_laplace(const Windows& problem) {
  Weights w(problem.dimension(), 0.5F);
  const auto optimizer = noisy(problem, w);
  const Posterior& q = *optimizer->posterior();
  EXPECT_THAT(q.center(), ::testing::ElementsAreArray(w));
  const auto laplace = fitted("full", "prior_variance=0.5", problem, w);
  EXPECT_NEAR(q.divergence()->nats, laplace->divergence()->nats, 1e-4);
  const auto precision = full_precision(problem, w, 2);
  for (std::size_t k = 0; k < 5; ++k) {
    std::vector<float> e(w.size());
    Random(3).at("draw", k).at("block", 0).normals(e);
    double sum = 0;
    for (const float x : e) sum += double{x} * x;
    EXPECT_NEAR(squared_distance(q, k, Random(3), precision, 0, w.size()), sum, 1e-4 * sum);
  }
}

TEST(NoisyKfac, IsThePosteriorOfALinearModel) { expect_agrees_with_laplace(line()); }
// Nothing is divided by the number of positions.
TEST(NoisyKfac, IsThePosteriorOfAConvolution) { expect_agrees_with_laplace(pixels()); }

// N = 1, prior precision 4, start_deviation 0.25: s_0 = 16 - 4, nothing measured.
// w = 1 + e / 4; F = 1, g = (2 w - 3) / 2; s = 12 decay; d = (g + 4 w) / (1 + 4 + s + 0.5).
TEST(NoisyKfac, StepByHand) {
  const Windows problem = single(2);
  Weights w{1};
  const auto optimizer = made("noisy_kfac",
                              "learning_rate=0.1 prior_variance=0.25 start_deviation=0.25 "
                              "damping=0.5 kl_clip=0 momentum=0 factor_decay=0.5",
                              problem.tensors());
  EXPECT_FALSE(optimizer->posterior()->is_ready());
  WholeStep step(problem, w);
  optimizer->step(step);
  Weights e(1);
  Random(5).at("noisy_kfac", 0).at("block", 0).normals(e);
  const double drawn = 1 + e[0] / 4.0;
  const double d = ((2 * drawn - 3) / 2 + 4 * drawn) / (1 + 4 + 6 + 0.5);
  EXPECT_NEAR(w[0], 1 - 0.1 * d, 1e-6);
  const double ratio = 4.0 / 11;
  EXPECT_NEAR(optimizer->posterior()->divergence()->nats,
              (ratio - 1 - std::log(ratio) + 4 * w[0] * w[0]) / 2, 1e-5);
  EXPECT_NEAR(reported(*optimizer->posterior()).at("deviation"), std::sqrt(1.0 / 11), 1e-6);
}

// Steps of 1/(k + 1): mu is the mean of 1,000 estimates of the posterior's, each of its variance.
TEST(NoisyKfac, FindsThePosteriorsMean) {
  const Windows problem = single(2);  // precision 1 + 4, mean (3 / 2) / 5
  Weights w{-2};
  const auto optimizer = made("noisy_kfac",
                              "learning_rate=1 prior_variance=0.25 damping=0 kl_clip=0 momentum=0 "
                              "factor_decay=0",
                              problem.tensors());
  for (std::uint64_t k = 0; k < 1000; ++k) {
    WholeStep step(problem, w, k, 1.0 / static_cast<double>(k + 1));
    optimizer->step(step);
  }
  EXPECT_NEAR(w[0], 0.3, 4 * std::sqrt(0.2 / 1000));
}

TEST(NoisyKfac, LeavesOutAndSaysSo) {
  const Reference problem;
  Weights w(39);
  problem.initialize(Random(2), w);
  const auto optimizer =
      made("noisy_kfac", "learning_rate=0.01 prior_variance=1 largest=5", problem.tensors());
  PlainStep step(problem, w, 0);
  optimizer->step(step);
  const Posterior& q = *optimizer->posterior();
  EXPECT_FALSE(q.divergence());
  EXPECT_EQ(reported(q).at("parameters_left_out"), 24);
  Weights drawn(39);
  q.draw(0, Random(1), drawn);
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(drawn[i], w[i]);
  EXPECT_NE(drawn[30], w[30]);
}

}  // namespace
}  // namespace gapbench::test
