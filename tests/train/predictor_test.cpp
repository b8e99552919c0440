// When a trial predicts, with what, what it costs, and what is refused before the first step.
#include "train/predictor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "gapbench/chain.h"
#include "gapbench/error.h"
#include "train/line_problem.h"
#include "train/mixing.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using gapbench::testing::Line;
using gapbench::testing::LineProblem;
using ::testing::HasSubstr;

Options chain_options(std::int64_t burn_in, std::int64_t capacity) {
  return Options::resolve("chain", Chain::options, {{"burn_in", burn_in}, {"capacity", capacity}});
}

/// w <- w - g / 4, its way kept as a chain.
class Walker final : public Optimizer {
 public:
  explicit Walker(std::int64_t burn_in = 0, float spoil = 0, std::int64_t capacity = 8)
      : spoil_(spoil), chain_(chain_options(burn_in, capacity), tensors_) {}
  void step(Step& s) override {
    std::vector<float> g(s.dimension());
    s.gradient(g);
    s.parameters()[0] -= g[0] / 4;
    const std::vector<float> offered{s.parameters()[0] + spoil_};
    chain_.offer(offered);
  }
  void archive(State& state) override { chain_.archive(state); }
  Posterior* posterior() noexcept override { return &chain_; }

 private:
  float spoil_;
  const std::vector<TensorInfo> tensors_{{"w", TensorKind::weight, {1}, 0, 1}};
  Chain chain_;
};

/// Draws the point itself; its fit costs one gradient of both examples.
class AtThePoint final : public Posterior {
 public:
  void fit(Snapshot& s) override {
    ++fits;
    w_.assign(s.parameters().values.begin(), s.parameters().values.end());
    s.for_each_micro_batch({.size = 2, .count = 1}, [](MicroBatch& m, std::size_t) {
      std::vector<float> g(m.dimension());
      m.gradient(m.loss(), g);
    });
  }
  void draw(std::size_t, Random, std::span<float> w) const override {
    std::ranges::copy(w_, w.begin());
  }
  void report(Metrics& metrics) const override { metrics.add("fits", fits, ""); }
  int fits = 0;

 private:
  std::vector<float> w_;
};

class Local final : public Posterior {
 public:
  void draw(std::size_t, Random, std::span<float> w) const override { w[0] = 0; }
  Prediction prediction() const noexcept override { return Prediction::local; }
};

class SeesDraws final : public Probe {
 public:
  void measure(Snapshot& s, Metrics& metrics) override {
    const auto there = s.posterior() != nullptr ? s.posterior()->size() : 99;
    metrics.add("draws", static_cast<double>(there), "");
  }
};

struct Asked {
  TrialSettings settings;
  std::unique_ptr<Optimizer> optimizer = std::make_unique<Walker>();
  std::unique_ptr<Posterior> fitted;
  double deviation = 2;
  std::uint64_t until = 100;
  Continuation from;
  std::size_t threads = 1;
};

PosteriorSettings own(std::size_t draws = 30) {
  PosteriorSettings posterior;
  posterior.draws = draws;
  return posterior;
}

struct Trace {
  Outcome outcome;
  std::vector<Evaluation> history;
  std::vector<std::string> states;
};

// Examples with x = 1 and targets 1 and 3, test target 4; steps of both examples. Squared error over
// 2 r^2 with r = 2 has gradient (w - 2) / 4: w = 0, 1/8 ...
Trace run(Asked asked) {
  const LineProblem problem({{{1}, 1}, {{1}, 3}}, {{{1}, 4}}, asked.deviation);
  asked.settings.batch = 2;
  asked.settings.threads = asked.threads;
  if (asked.settings.budget.count == 0) asked.settings.budget = {4, Length::Unit::steps};
  Trace trace;
  std::uint64_t done = 0;
  Observer observer;
  observer.evaluated = [&](const Evaluation& e) { trace.history.push_back(e); };
  observer.stepped = [&](std::uint64_t step, std::uint64_t) { done = step; };
  observer.interrupted = [&] { return done >= asked.until; };
  observer.checkpoint_due = [] { return true; };
  observer.checkpoint = [&](std::uint64_t, std::string_view s) { trace.states.emplace_back(s); };
  CostMeter meter;
  Method method;
  method.optimizer = std::move(asked.optimizer);
  method.posterior = std::move(asked.fitted);
  method.probes.push_back({"sees", std::make_unique<SeesDraws>(), Length{2, Length::Unit::steps}});
  Trainer trainer(asked.settings, problem, std::move(method), meter, observer);
  if (!asked.from.state.empty()) trainer.go_on(std::move(asked.from));
  trace.outcome = trainer.run();
  return trace;
}

std::string refusal(Asked asked) {
  try {
    run(std::move(asked));
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Predictor, NothingUnlessAskedFor) {
  const Trace trace = run({});
  for (const Evaluation& e : trace.history) EXPECT_FALSE(e.predictive);
  EXPECT_EQ(trace.outcome.final->probes[0].value, 99);
}

// w = 0 -> 1/8 -> 1/8 + 15/128 ...: w_k = 2 - 2 (15/16)^k. Test: y = 4, r = 2.
TEST(Predictor, AveragesOverTheChainByHand) {
  Asked asked;
  asked.settings.posterior = own();
  const Trace trace = run(std::move(asked));
  const Predictive& p = trace.outcome.final->predictive.value();
  double likelihood = 0;
  double gibbs = 0;
  const double constant = std::log(2.0) + std::log(2 * std::numbers::pi) / 2;
  for (int k = 1; k <= 4; ++k) {
    const double miss = 4 - (2 - 2 * std::pow(15.0 / 16, k));
    likelihood += std::exp(-miss * miss / 8) / 4;
    gibbs += (miss * miss / 8 + constant) / 4;
  }
  EXPECT_NEAR(*p.test->nll, -std::log(likelihood) + constant, 1e-6);
  EXPECT_NEAR(*p.test->gibbs_loss, gibbs, 1e-6);
  EXPECT_LT(*p.test->nll, *p.test->gibbs_loss) << "Jensen";
  EXPECT_EQ(p.posterior->name, "own");
  EXPECT_EQ(p.posterior->prediction, "network");
  EXPECT_EQ(p.posterior->draws, 4U);
  EXPECT_EQ(p.posterior->values.at(0).value, 4) << "kept";
  EXPECT_FALSE(p.validation);
  // 4 draws of 2 training examples and 1 of test.
  EXPECT_EQ(p.posterior->prediction_passes.forward, 12);
  EXPECT_EQ(p.posterior->prediction_passes.backward, 0);
  EXPECT_EQ(p.posterior->prediction_passes.flops, 12);
  EXPECT_EQ(p.posterior->fit_passes.forward, 0);
  EXPECT_EQ(trace.outcome.cost.gradient_samples(), 8) << "of the steps alone";
}

// w rises step by step: the training loss falls, |w|^2 rises and the test loss falls, which are one
// sequence of ranks.
TEST(Predictor, TellsHowAChainMixes) {
  Asked asked;
  asked.settings.posterior = own();
  asked.settings.budget = {12, Length::Unit::steps};
  asked.optimizer = std::make_unique<Walker>(0, 0.0F, 20);
  const Trace trace = run(std::move(asked));
  const auto& values = trace.outcome.final->predictive->posterior->values;
  ASSERT_EQ(values.size(), 5U) << "kept, every and three of mixing";
  const Chains rising{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  const auto value = [&](std::size_t k, const std::string& name) {
    EXPECT_EQ(values[k].probe, "mixing");
    EXPECT_EQ(values[k].metric, name);
    return values[k].value;
  };
  EXPECT_NEAR(value(2, "ess_min"), *bulk_effective_sample_size(rising), 1e-9);
  EXPECT_NEAR(value(3, "ess_median"), *bulk_effective_sample_size(rising), 1e-9);
  EXPECT_NEAR(value(4, "r_hat_max"), *rank_normalized_split_r_hat(rising), 1e-9);
}

TEST(Predictor, DrawsThatAreAllAlikeAreOne) {
  class Stuck final : public Optimizer {
   public:
    void step(Step& s) override {
      std::vector<float> g(1);
      s.gradient(g);
      chain_.offer(s.parameters());
    }
    void archive(State& state) override { chain_.archive(state); }
    Posterior* posterior() noexcept override { return &chain_; }

   private:
    const std::vector<TensorInfo> tensors_{{"w", TensorKind::weight, {1}, 0, 1}};
    Chain chain_{chain_options(0, 20), tensors_};
  };
  Asked asked;
  asked.settings.posterior = own();
  asked.settings.budget = {12, Length::Unit::steps};
  asked.optimizer = std::make_unique<Stuck>();
  const auto values = run(std::move(asked)).outcome.final->predictive->posterior->values;
  ASSERT_EQ(values.size(), 4U);
  EXPECT_EQ(values[2].metric, "ess_min");
  EXPECT_EQ(values[2].value, 1);
  EXPECT_EQ(values[3].value, 1);
}

TEST(Predictor, EveryEvaluationThatIsPlanned) {
  Asked asked;
  asked.settings.posterior = own();
  asked.settings.posterior->every = Length{3, Length::Unit::steps};
  const Trace trace = run(std::move(asked));
  ASSERT_EQ(trace.history.size(), 4U) << "start, probe at 2, posterior at 3, end";
  EXPECT_FALSE(trace.history[1].predictive);
  EXPECT_EQ(trace.history[1].probes[0].value, 99) << "the probe sees no posterior";
  EXPECT_EQ(trace.history[2].step, 3U);
  EXPECT_EQ(trace.history[2].predictive->posterior->draws, 3U);
  EXPECT_EQ(trace.history[3].predictive->posterior->draws, 4U);
  EXPECT_EQ(trace.history[3].probes[0].value, 4) << "and here it does";
}

TEST(Predictor, ThePointIsOneDraw) {
  Asked point;
  point.settings.predictive = true;
  point.settings.posterior = own();
  point.settings.posterior->posterior.name = "none";
  const Trace a = run(std::move(point));
  const PartPrediction of_point = a.outcome.final->predictive->test.value();
  EXPECT_FALSE(a.outcome.final->predictive->posterior);
  EXPECT_EQ(of_point.draws, 1U);
  EXPECT_EQ(*of_point.nll, a.outcome.final->test->loss);

  Asked drawn;
  drawn.settings.posterior = own(1);
  drawn.settings.posterior->posterior.name = "at_the_point";
  drawn.fitted = std::make_unique<AtThePoint>();
  const Trace b = run(std::move(drawn));
  const PartPrediction of_draw = b.outcome.final->predictive->test.value();
  for (const auto& [name, score] : prediction_scores) {
    EXPECT_EQ(of_point.*score, of_draw.*score) << name;
  }
}

TEST(Predictor, OwnOneWherePredictionsAreScored) {
  Asked asked;
  asked.settings.predictive = true;
  EXPECT_EQ(run(std::move(asked)).outcome.final->predictive->posterior->draws, 4U);
}

// The fit of the end is work of the method; those on the way are not.
TEST(Predictor, BooksTheLastFitAsTraining) {
  Asked asked;
  asked.settings.posterior = own(2);
  asked.settings.posterior->posterior.name = "at_the_point";
  asked.settings.posterior->every = Length{2, Length::Unit::steps};
  asked.fitted = std::make_unique<AtThePoint>();
  const Trace trace = run(std::move(asked));
  const PosteriorNumbers& numbers = trace.outcome.final->predictive->posterior.value();
  EXPECT_EQ(numbers.name, "at_the_point");
  EXPECT_EQ(numbers.fit_passes.backward, 2);
  EXPECT_EQ(numbers.values.at(0).value, 3) << "rehearsed, step 2, end";
  EXPECT_EQ(trace.outcome.cost.gradient_samples(), 8 + 2);
  EXPECT_EQ(trace.history[1].cost.gradient_samples(), 4);
}

TEST(Predictor, TuningGoesByThePoint) {
  Asked asked;
  asked.settings.predictive = true;
  asked.settings.tuning = true;
  EXPECT_FALSE(run(std::move(asked)).outcome.final->predictive);
}

TEST(Predictor, RefusesBeforeTheFirstStep) {
  Asked late;
  late.settings.posterior = own();
  late.optimizer = std::make_unique<Walker>(4);
  EXPECT_THAT(refusal(std::move(late)),
              HasSubstr("has draws after 5 steps, and the trial makes 4"));

  Asked unlikely;
  unlikely.settings.predictive = true;
  unlikely.deviation = 0;
  EXPECT_THAT(refusal(std::move(unlikely)), HasSubstr("deviation: 0.3"));

  Asked fitted_unlikely;
  fitted_unlikely.settings.posterior = own();
  fitted_unlikely.settings.posterior->posterior.name = "at_the_point";
  fitted_unlikely.fitted = std::make_unique<AtThePoint>();
  fitted_unlikely.deviation = 0;
  EXPECT_THAT(refusal(std::move(fitted_unlikely)), HasSubstr("at_the_point: scores predictions"));

  Asked local;
  local.settings.posterior = own();
  local.settings.posterior->posterior.name = "line";
  local.fitted = std::make_unique<Local>();
  EXPECT_THAT(refusal(std::move(local)), HasSubstr("predicts by the local reparameterization"));
}

TEST(Predictor, RefusesToAskAnOptimizerThatKeepsNone) {
  class Plain final : public Optimizer {
   public:
    void step(Step&) override {}
    void archive(State&) override {}
  };
  Asked asked;
  asked.settings.posterior = own();
  asked.settings.optimizer.name = "plain";
  asked.optimizer = std::make_unique<Plain>();
  EXPECT_THAT(refusal(std::move(asked)), HasSubstr("plain keeps none"));
}

// All the training is not lost for it.
TEST(Predictor, NotesADrawThatIsNotFinite) {
  Asked asked;
  asked.settings.posterior = own();
  asked.optimizer = std::make_unique<Walker>(0, INFINITY);
  const Trace trace = run(std::move(asked));
  EXPECT_EQ(trace.outcome.status, Status::ok);
  EXPECT_FALSE(trace.outcome.final->predictive);
  ASSERT_EQ(trace.outcome.notes.size(), 1U);
  EXPECT_THAT(trace.outcome.notes[0],
              HasSubstr("nothing was predicted at step 4: posterior: draw 0 is not finite"));
}

class CutOffAt : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(CutOffAt, PredictsAsIfItHadNotBeen) {
  const auto asked = [] {
    Asked a;
    a.settings.posterior = own(3);
    a.settings.budget = {9, Length::Unit::steps};  // beyond the chain's capacity
    return a;
  };
  const Trace whole = run(asked());
  Asked before = asked();
  before.until = GetParam();
  Trace first = run(std::move(before));
  ASSERT_EQ(first.outcome.status, Status::interrupted);
  Asked after = asked();
  after.from = {first.states.back(), first.outcome.final};
  const Trace second = run(std::move(after));
  const PartPrediction& a = whole.outcome.final->predictive->test.value();
  const PartPrediction& b = second.outcome.final->predictive->test.value();
  for (const auto& [name, score] : prediction_scores) EXPECT_EQ(a.*score, b.*score) << name;
  EXPECT_EQ(a.draws, b.draws);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, CutOffAt, ::testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace gapbench::train
