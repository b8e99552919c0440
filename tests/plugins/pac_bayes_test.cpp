// pac_bayes: its objective against differences and by hand; the probe's bound from errors that are counted here.
#include "gapbench/pac_bayes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "gapbench/error.h"
#include "plugin/conformance/reference.h"
#include "plugin/conformance/scenes.h"
#include "plugins/gaussian_weights.h"
#include "plugins/samplers.h"
#include "plugins/snapshots.h"
#include "plugins/windows.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using plugin::conformance::PlainSnapshot;
using plugin::conformance::PlainStep;
using plugin::conformance::Reference;
using plugin::conformance::Scene;
using ::testing::HasSubstr;

TEST(PacBayes, GradientAgainstDifferencesAtFixedNoise) {
  const Scene scene = plugin::conformance::usual_scene(3);
  std::size_t asked = 0;
  const auto optimizer = around(
      "pac_bayes",
      [&](Step& step) {
        ++asked;
        ASSERT_EQ(step.dimension(), 2 * scene.w.size() + 1);
        EXPECT_EQ(step.tensors().back().name, "prior.log_variance");
        EXPECT_EQ(step.tensors().back().offset + 1, step.dimension());
        expect_derivative(step);
      },
      // A prior so narrow that its gradient shows beside the loss's.
      "draws=2 start_deviation=0.5 relative_deviation=0 start_prior_variance=0.0025",
      scene.problem->tensors());
  Weights w = scene.w;
  PlainStep step(*scene.problem, w, 2);
  optimizer->step(step);
  EXPECT_EQ(asked, 1U);
  EXPECT_EQ(w, scene.w);
}

/// mu = (1, -2), sigma = 0.5, w_0 = 0, lambda = e^-2.5 of 1 exp(-j).
std::unique_ptr<Optimizer> begun(const Asks& asks = [](Step&) {}) {
  auto optimizer = around("pac_bayes", asks,
                          "start_deviation=0.5 relative_deviation=0 prior_variance=1 grid=1 "
                          "start_prior_variance=0.0820849986",
                          tensors(2));
  Weights w{1, -2};
  advance(*optimizer, w, {});
  return optimizer;
}

double kl_by_hand(double log_lambda) {
  return (5.5 / std::exp(log_lambda) - 2 + 2 * log_lambda - 2 * std::log(0.25)) / 2;
}

double choice_by_hand(double j) {
  return std::log(std::numbers::pi * std::numbers::pi * j * j / 6);
}

// j = 2.5 is no prior of the grid: the better one is recorded, with what choosing it cost.
TEST(PacBayes, DivergenceByHand) {
  const auto q = begun();
  ASSERT_LT(kl_by_hand(-2) + choice_by_hand(2), kl_by_hand(-3) + choice_by_hand(3));
  EXPECT_NEAR(q->posterior()->divergence()->nats, kl_by_hand(-2), 1e-5);
  EXPECT_NEAR(q->posterior()->divergence()->choice, choice_by_hand(2), 1e-9);
  EXPECT_NEAR(reported(*q->posterior()).at("prior_variance"), std::exp(-2.5), 1e-7);
}

// Ten examples, at_no_noise: F(1, -2) = 0.3 / 2 * 5, and B with lambda = e^-2.5.
TEST(PacBayes, ObjectiveByHand) {
  double seen = 0;
  begun([&](Step& step) { seen = step.value({.draw = At::no_noise}); });
  const double b = (kl_by_hand(-2.5) + choice_by_hand(2.5) + std::log(10 / 0.025)) / 9;
  EXPECT_NEAR(seen, 0.75 / std::numbers::ln2 + std::sqrt(b / 2), 1e-6);
}

TEST(PacBayes, TheWidestPriorIsTheFirstOfTheGrid) {
  const auto q = begun([](Step& step) { step.parameters().back() = 3; });
  EXPECT_NEAR(reported(*q->posterior()).at("prior_variance"), std::exp(-1), 1e-6);
  EXPECT_NEAR(q->posterior()->divergence()->choice, choice_by_hand(1), 1e-6);
}

TEST(PacBayes, DeviationsBeginByTheSizeOfTheWeights) {
  const auto q = around(
      "pac_bayes", [](Step&) {}, "relative_deviation=0.5 start_deviation=0.25", tensors(3));
  Weights w{3, 0, -0.25F};
  advance(*q, w, {});
  const auto v = q->posterior()->variances();
  EXPECT_NEAR(v[0], 2.25, 1e-5);
  EXPECT_NEAR(v[1], 0.0625, 1e-6);
  EXPECT_NEAR(v[2], 0.0625, 1e-6);
}

// The center of the prior is where the problem begins, not where the trial does.
TEST(PacBayes, ThePriorIsCenteredAtTheStart) {
  const Reference problem;
  Weights w(39);
  PlainStep step(problem, w, 0);
  Weights start(step.initial_parameters().begin(), step.initial_parameters().end());
  ASSERT_GT(mean_square(start), 0.01);
  const auto q = around(
      "pac_bayes", [](Step&) {},
      "relative_deviation=0 start_deviation=1 prior_variance=2.71828182845904524 "
      "grid=1 start_prior_variance=1",
      problem.tensors());
  q->step(step);  // mu 0, sigma 1, lambda 1
  double squares = 0;
  for (const float x : start) squares += double{x} * x;
  EXPECT_NEAR(q->posterior()->divergence()->nats, squares / 2, 1e-4 * squares);
}

TEST(PacBayes, RefusesRegressions) {
  const Windows problem({{{{1}}, {1}}}, 1, false);
  const auto q = around(
      "pac_bayes", [](Step&) {}, "", problem.tensors());
  Weights w{1};
  WholeStep step(problem, w);
  try {
    q->step(step);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("needs the cross-entropy"));
  }
  EXPECT_THROW(around(
                   "pac_bayes", [](Step&) {}, "start_prior_variance=0.1", tensors(1)),
               Error);
}

/// Always the same draw.
class Fixed final : public Posterior {
 public:
  explicit Fixed(Weights w, std::size_t size = 0) : w_(std::move(w)), size_(size) {}
  void draw(std::size_t k, Random, std::span<float> w) const override {
    std::ranges::copy(w_, w.begin());
    if (k == 1) w[36] = -20;  // the bias of class 0: another is the largest
  }
  std::size_t size() const noexcept override { return size_; }
  std::optional<Divergence> divergence() const override { return Divergence{3, 1}; }

 private:
  Weights w_;
  std::size_t size_;
};

std::map<std::string, double> bound_of(const Posterior* q, const std::string& text) {
  const Reference problem;
  const Weights w(39);
  const Component& c = component("probes_pac_bayes");
  PlainSnapshot snapshot(problem, w, w, q);
  Numbers numbers;
  c.make_probe(options(c, text))->measure(snapshot, numbers);
  return numbers.values;
}

// All outputs are 0: class 0 is predicted; under draw 1 class 1.
TEST(PacBayesProbe, BoundByHand) {
  const Reference problem;
  double counts[3] = {};
  const std::size_t n = problem.examples(Part::train);
  for (std::size_t i = 0; i < n; ++i) {
    counts[problem.label(Part::train, i)] += 1;
  }
  const auto m = static_cast<double>(n);
  const Fixed q(Weights(39));
  const auto found = bound_of(&q, "draws=4 delta=0.05 delta_draws=0.02");
  const double error = 1 - (3 * counts[0] + counts[1]) / (4 * m);
  EXPECT_EQ(found.at("draws"), 4);
  EXPECT_NEAR(found.at("error"), error, 1e-12);
  EXPECT_NEAR(bernoulli_kl(error, found.at("error_of_draws")), std::log(100) / 4, 1e-9);
  EXPECT_NEAR(found.at("complexity"), (4 + std::log(m / 0.05)) / (m - 1), 1e-12);
  EXPECT_NEAR(bernoulli_kl(found.at("error_of_draws"), found.at("bound")), found.at("complexity"),
              1e-9);
}

/// N(w, diag s).
class Diagonal final : public Posterior {
 public:
  Diagonal(Weights w, Weights s) : w_(std::move(w)), s_(std::move(s)) {}
  void draw(std::size_t k, Random random, std::span<float> w) const override {
    random.at("draw", k).normals(w);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = w_[i] + std::sqrt(s_[i]) * w[i];
  }
  std::span<const float> center() const noexcept override { return w_; }
  std::span<const float> variances() const noexcept override { return s_; }
  std::optional<Divergence> divergence() const override { return Divergence{3, 1}; }

 private:
  Weights w_;
  Weights s_;
};

std::map<std::string, double> bound_on(const Problem& problem, const Posterior& q,
                                       const std::string& text) {
  const Component& c = component("probes_pac_bayes");
  PlainSnapshot snapshot(problem, q.center(), q.center(), &q);
  Numbers numbers;
  c.make_probe(options(c, text))->measure(snapshot, numbers);
  return numbers.values;
}

// Two outputs w_k x with w = (0.5, 0), s = (1/4, 3/4): class 0 wins where 0.5 x + e |x| > 0, so x = 1 of class 0
// is wrong with probability Phi(-0.5), x = -2 of class 0 with Phi(0.5). 1,000 pairs of each a draw.
TEST(PacBayesProbe, PairsAreIndependent) {
  std::vector<Windows::Example> examples;
  for (int i = 0; i < 1000; ++i) {
    examples.push_back({{{1}}, {0}});
    examples.push_back({{{-2}}, {0}});
  }
  const Windows problem(examples, 1, false, 2);
  const Diagonal q({0.5F, 0}, {0.25F, 0.75F});
  const auto pairs = bound_on(problem, q, "draws=4 drawn=examples delta_draws=0.02");
  EXPECT_NEAR(pairs.at("error"), 0.5, 5 * std::sqrt(0.25 / 8000));
  EXPECT_NEAR(bernoulli_kl(pairs.at("error"), pairs.at("error_of_draws")), std::log(100) / 8000,
              1e-9);
  // One network has all examples of a kind right or wrong.
  const auto networks = bound_on(problem, q, "draws=200 delta_draws=0.02");
  EXPECT_NEAR(networks.at("error"), 0.5, 5 * std::sqrt(0.25 / 200));
  EXPECT_GT(networks.at("bound"), pairs.at("bound"));
}

TEST(PacBayesProbe, RefusesPairsWhereThereAreNone) {
  const Fixed fixed(Weights(39));
  EXPECT_THROW(bound_of(&fixed, "drawn=examples"), Error);
  const Windows problem({{{{1}, {2}}, {0}}, {{{1}, {0}}, {1}}}, 1, false, 2);
  const Diagonal q({0, 0}, {1, 1});
  try {
    bound_on(problem, q, "drawn=examples");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("pixels of a convolution"));
  }
}

TEST(PacBayesProbe, ReportsNothingWithoutIndependentDraws) {
  const Fixed chain(Weights(39), 5);
  for (const Posterior* q :
       {static_cast<const Posterior*>(nullptr), static_cast<const Posterior*>(&chain)}) {
    const auto found = bound_of(q, "");
    EXPECT_EQ(found.size(), 1U);
    EXPECT_EQ(found.at("draws"), 0);
  }
}

}  // namespace
}  // namespace gapbench::test
