#include "train/trainer.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <numeric>
#include <set>

#include "gapbench/error.h"
#include "train/evaluation.h"
#include "train/line_problem.h"

namespace gapbench::train {
namespace {

using gapbench::testing::Line;
using gapbench::testing::LineProblem;

class Descent final : public Optimizer {
 public:
  explicit Descent(float rate) : rate_(rate) {}
  void step(Step& s) override {
    std::vector<float> g(s.dimension());
    s.gradient(g);
    for (std::size_t i = 0; i < g.size(); ++i) {
      s.parameters()[i] -= rate_ * static_cast<float>(s.schedule()) * g[i];
    }
  }
  void archive(State&) override {}

 private:
  float rate_;
};

// Trains as Descent does and stands for the constant 3 after its first step.
class StandsForThree final : public Optimizer {
 public:
  void step(Step& s) override {
    inner_.step(s);
    three_.assign(s.dimension(), 3);
  }
  void archive(State&) override {}
  std::span<const float> evaluated() const noexcept override { return three_; }

 private:
  Descent inner_{0.25F};
  std::vector<float> three_;
};

class Silent final : public Optimizer {
 public:
  void step(Step&) override {}
  void archive(State&) override {}
};

class NormProbe final : public Probe {
 public:
  void measure(Snapshot& s, Metrics& metrics) override {
    std::vector<double> norms(2);
    s.for_each_micro_batch({.size = 1, .count = 2}, [&](MicroBatch& m, std::size_t k) {
      std::vector<float> g(m.dimension());
      m.gradient(m.loss(), g);
      norms[k] = std::abs(g[0]);
    });
    metrics.add("sum", norms[0] + norms[1], "");
  }
};

// Which of the two examples it was given, and a number of its own.
class SampleProbe final : public Probe {
 public:
  void measure(Snapshot& s, Metrics& metrics) override {
    s.for_each_micro_batch({.size = 1, .count = 1, .fixed = true}, [&](MicroBatch& m, std::size_t) {
      metrics.add("loss", m.value(m.loss()), "");
    });
    metrics.add("own", s.random("own").uniform(), "");
  }
};

struct Trace {
  Outcome outcome;
  std::vector<Evaluation> history;
};

// Two examples with x = 1 and targets 1 and 3; the best w is 2. Test: target 4.
Trace run(TrialSettings settings, std::unique_ptr<Optimizer> optimizer,
          std::vector<PlannedProbe> probes = {}, std::function<bool()> interrupted = {}) {
  const LineProblem problem({{{1}, 1}, {{1}, 3}}, {{{1}, 4}});
  Trace result;
  Observer observer;
  observer.evaluated = [&](const Evaluation& e) { result.history.push_back(e); };
  observer.interrupted = std::move(interrupted);
  CostMeter meter;
  Method method;
  method.optimizer = std::move(optimizer);
  method.probes = std::move(probes);
  Trainer trainer(settings, problem, std::move(method), meter, observer);
  result.outcome = trainer.run();
  return result;
}

TrialSettings full_batch(double steps) {
  TrialSettings s;
  s.batch = 2;
  s.budget = {steps, Length::Unit::steps};
  return s;
}

TEST(Trainer, DescendsByHand) {
  const Trace r = run(full_batch(2), std::make_unique<Descent>(0.25F));
  // w: 0 -> 0 + 0.25 * 4 = 1 -> 1.5; train loss ((w-1)^2 + (w-3)^2) / 2, test loss (w-4)^2.
  ASSERT_EQ(r.history.size(), 2U);
  EXPECT_EQ(r.history[0].train.loss, 5);
  EXPECT_EQ(r.history[0].test->loss, 16);
  EXPECT_FALSE(r.history[0].objective.has_value());
  EXPECT_EQ(r.history[1].train.loss, (0.25 + 2.25) / 2);
  EXPECT_EQ(r.history[1].test->loss, 6.25);
  EXPECT_EQ(r.history[1].objective, (5.0 + 2.0) / 2);
  EXPECT_FALSE(r.history[1].train.accuracy.has_value());
  EXPECT_FALSE(r.history[1].validation.has_value());
  EXPECT_EQ(r.outcome.status, Status::ok);
  EXPECT_EQ(r.outcome.step, 2U);
  EXPECT_EQ(r.outcome.cost.train_passes.forward, 4);
  EXPECT_EQ(r.outcome.cost.train_passes.flops, 4 * 1 + 4 * 2);
  EXPECT_EQ(r.outcome.cost.gradient_samples(), 4);
}

// Losses and probes are those of w = 3, training goes on at w: 0, 1, 1.5.
TEST(Trainer, EvaluatesAtThePointThatTheMethodStandsFor) {
  std::vector<PlannedProbe> probes;
  probes.push_back({"norm", std::make_unique<NormProbe>(), {}});
  const Trace r = run(full_batch(2), std::make_unique<StandsForThree>(), std::move(probes));
  ASSERT_EQ(r.history.size(), 2U);
  EXPECT_EQ(r.history[0].train.loss, 5) << "before the first step there is only the start";
  EXPECT_EQ(r.history[1].train.loss, 2);  // (4 + 0) / 2
  EXPECT_EQ(r.history[1].test->loss, 1);
  EXPECT_EQ(r.history[1].objective, (5.0 + 2.0) / 2);
  ASSERT_EQ(r.history[1].probes.size(), 1U);
  EXPECT_EQ(r.history[1].probes[0].value, 4);  // |2 (3 - 1)| + |2 (3 - 3)|
}

// Losses before each step 5, 2, 1.25, 1.0625, one step an epoch.
TEST(Trainer, EvaluatesWhereTheLossHasComeDown) {
  TrialSettings settings = full_batch(6);
  settings.evaluate_losses = {2, 1.1};
  const Trace r = run(settings, std::make_unique<Descent>(0.25F));
  std::vector<std::uint64_t> steps;
  for (const Evaluation& e : r.history) steps.push_back(e.step);
  EXPECT_EQ(steps, (std::vector<std::uint64_t>{0, 2, 4, 6}));
}

TEST(Trainer, EndsWhereTheTrainLossIsLowEnough) {
  TrialSettings settings = full_batch(6);
  settings.until_loss = 1.3;  // the third step starts from 1.25 and leads to 1.0625
  std::vector<PlannedProbe> probes;
  probes.push_back({"norm", std::make_unique<NormProbe>(), {}});
  const Trace r = run(settings, std::make_unique<Descent>(0.25F), std::move(probes));
  EXPECT_EQ(r.outcome.status, Status::ok);
  EXPECT_EQ(r.outcome.step, 3U);
  EXPECT_EQ(r.outcome.steps, 3U);
  EXPECT_EQ(r.history.size(), 2U);
  EXPECT_EQ(r.outcome.final->train.loss, 1.0625);
  EXPECT_EQ(r.outcome.final->probes.size(), 1U) << "what is measured at the end is";
}

// What training sees is below, what the method stands for never is: train loss 2 at w = 3.
TEST(Trainer, TheEvaluatedLossDecidesWhetherItEnds) {
  TrialSettings settings = full_batch(5);
  settings.until_loss = 1.5;
  const Trace r = run(settings, std::make_unique<StandsForThree>());
  EXPECT_EQ(r.outcome.step, 5U);
  EXPECT_EQ(r.history.size(), 4U);  // 0, 3, 4, 5
}

TEST(Trainer, ProbesMeasureOnTheSameExamplesWithNumbersOfTheirOwn) {
  std::set<double> losses;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    TrialSettings settings = full_batch(1);
    settings.seed = seed;
    std::vector<PlannedProbe> probes;
    probes.push_back({"one", std::make_unique<SampleProbe>(), {}});
    probes.push_back({"other", std::make_unique<SampleProbe>(), {}});
    const Trace r = run(settings, std::make_unique<Descent>(0.25F), std::move(probes));
    const auto& values = r.history.back().probes;
    ASSERT_EQ(values.size(), 4U);
    EXPECT_EQ(values[0].value, values[2].value);
    EXPECT_NE(values[1].value, values[3].value);
    losses.insert(values[0].value);
  }
  EXPECT_EQ(losses.size(), 2U) << "seeds draw either example";
}

class WrongLength final : public Optimizer {
 public:
  void step(Step& s) override { inner_.step(s); }
  void archive(State&) override {}
  std::span<const float> evaluated() const noexcept override { return two_; }

 private:
  Descent inner_{0.25F};
  std::vector<float> two_ = {1, 2};
};

TEST(Trainer, APointOfAnotherLengthIsAnError) {
  EXPECT_THROW(run(full_batch(2), std::make_unique<WrongLength>()), Error);
}

TEST(Trainer, TellsTheLengthOfEveryStepWhereItIsAsked) {
  const LineProblem problem({{{3, 4}, 1}, {{3, 4}, 1}}, {{{1, 1}, 4}});
  std::vector<float> lengths;
  Observer observer;
  observer.moved = [&](float length) { lengths.push_back(length); };
  CostMeter meter;
  Method method;
  method.optimizer = std::make_unique<Descent>(0.01F);
  TrialSettings settings = full_batch(2);
  settings.batch = 0;  // all
  Trainer trainer(settings, problem, std::move(method), meter, observer);
  EXPECT_EQ(trainer.run().step, 2U);
  // Gradient 2 (w x - 1) x: 2 |x| = 10 at w = 0; then w x = 0.5 leaves half of it.
  ASSERT_EQ(lengths.size(), 2U);
  EXPECT_FLOAT_EQ(lengths[0], 0.1F);
  EXPECT_FLOAT_EQ(lengths[1], 0.05F);
}

#ifdef __SSE__
// Rounds downwards from its second step on.
class Rounding final : public Optimizer {
 public:
  void step(Step& s) override {
    descent_.step(s);
    if (s.index() == 1) std::fesetround(FE_DOWNWARD);
  }
  void archive(State&) override {}

 private:
  Descent descent_{0.25F};
};

class RoundingProbe final : public Probe {
 public:
  void measure(Snapshot&, Metrics& metrics) override {
    std::fesetround(FE_UPWARD);
    metrics.add("nothing", 0, "");
  }
};

TEST(Trainer, AChangedFloatingPointModeIsAnErrorAndPutBack) {
  TrialSettings settings = full_batch(3);
  settings.optimizer.name = "rounding";
  try {
    run(settings, std::make_unique<Rounding>());
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "rounding, step 1");
  }
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
  std::vector<PlannedProbe> probes;
  probes.push_back({"up", std::make_unique<RoundingProbe>(), {}});
  try {
    run(settings, std::make_unique<Descent>(0.25F), std::move(probes));
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "up");
  }
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}
#endif

TEST(Trainer, ATuningTrialNeverSeesTheTestPart) {
  TrialSettings s = full_batch(2);
  s.tuning = true;
  const Trace r = run(s, std::make_unique<Descent>(0.25F));
  for (const Evaluation& e : r.history) EXPECT_FALSE(e.test.has_value());
  EXPECT_EQ(r.history.back().train.loss, (0.25 + 2.25) / 2);
}

TEST(Trainer, EvaluatesWhenAskedTo) {
  TrialSettings s = full_batch(5);
  s.evaluate_every = Length{2, Length::Unit::steps};
  const Trace r = run(s, std::make_unique<Descent>(0.25F));
  std::vector<std::uint64_t> at;
  for (const Evaluation& e : r.history) at.push_back(e.step);
  EXPECT_EQ(at, (std::vector<std::uint64_t>{0, 2, 4, 5}));
  EXPECT_EQ(r.history[1].epoch, 2.0);
}

TEST(Trainer, ADivergingTrialIsAnOutcomeWithItsStep) {
  const Trace r = run(full_batch(1000), std::make_unique<Descent>(1e30F));
  EXPECT_EQ(r.outcome.status, Status::diverged);
  // w = 4e30 after step 0, so the squares of step 1 overflow nothing in double; w overflows there.
  EXPECT_EQ(r.outcome.step, 2U);
  EXPECT_NE(r.outcome.reason.find("step 2"), std::string::npos) << r.outcome.reason;
  EXPECT_EQ(r.outcome.steps, 1000U);
  ASSERT_TRUE(r.outcome.final.has_value());
  EXPECT_EQ(r.outcome.final->step, 0U);
}

TEST(Trainer, StopsWhenInterrupted) {
  int asked = 0;
  const Trace r =
      run(full_batch(100), std::make_unique<Descent>(0.25F), {}, [&] { return ++asked > 3; });
  EXPECT_EQ(r.outcome.status, Status::interrupted);
  EXPECT_EQ(r.outcome.step, 3U);
}

TEST(Trainer, AnOptimizerThatAsksNothingIsAnError) {
  EXPECT_THROW(run(full_batch(3), std::make_unique<Silent>()), Error);
}

TEST(Trainer, ProbesMeasureAtTheirStepsAndAreBookedApart) {
  std::vector<PlannedProbe> probes;
  probes.push_back({"norm", std::make_unique<NormProbe>(), Length{2, Length::Unit::steps}});
  const Trace r = run(full_batch(3), std::make_unique<Descent>(0.25F), std::move(probes));
  ASSERT_EQ(r.history.size(), 3U);  // steps 0, 2 and the end
  ASSERT_EQ(r.history[0].probes.size(), 1U);
  EXPECT_EQ(r.history[0].probes[0].value, 2 * 1 + 2 * 3);
  EXPECT_EQ(r.history[1].probes[0].value, 1 + 3);  // w = 1.5: slopes 1 and -3
  EXPECT_EQ(r.outcome.cost.train_passes.forward, 6);
  EXPECT_EQ(r.outcome.cost.probe_passes.forward, 6);
}

class RefusingProbe final : public Probe {
 public:
  explicit RefusingProbe(std::uint64_t from) : from_(from) {}
  void measure(Snapshot& s, Metrics& metrics) override {
    metrics.add("before", 1, "");
    if (s.step() >= from_) throw Error("picky", "not here");
    metrics.add("after", 2, "");
  }

 private:
  std::uint64_t from_;
};

TEST(Trainer, AProbeThatRefusesIsFoundBeforeTheFirstStep) {
  std::vector<PlannedProbe> probes;
  probes.push_back(
      {"picky", std::make_unique<RefusingProbe>(0), {}, std::make_unique<RefusingProbe>(0)});
  EXPECT_THROW(run(full_batch(3), std::make_unique<Silent>(), std::move(probes)), Error);
  std::vector<PlannedProbe> on_the_way;
  on_the_way.push_back(
      {"picky", std::make_unique<RefusingProbe>(0), Length{2, Length::Unit::steps}});
  EXPECT_THROW(run(full_batch(3), std::make_unique<Silent>(), std::move(on_the_way)), Error);
}

TEST(Trainer, RehearsingAProbeChangesNothing) {
  const auto with = [](std::unique_ptr<Probe> rehearsal) {
    std::vector<PlannedProbe> probes;
    probes.push_back({"norm", std::make_unique<NormProbe>(), {}, std::move(rehearsal)});
    return run(full_batch(3), std::make_unique<Descent>(0.25F), std::move(probes));
  };
  const Trace plain = with(nullptr);
  const Trace rehearsed = with(std::make_unique<NormProbe>());
  EXPECT_EQ(rehearsed.outcome.cost.probe_passes.forward, plain.outcome.cost.probe_passes.forward);
  EXPECT_EQ(rehearsed.history.back().probes[0].value, plain.history.back().probes[0].value);
  EXPECT_EQ(rehearsed.history.back().train.loss, plain.history.back().train.loss);
  EXPECT_EQ(rehearsed.history.size(), plain.history.size());
}

// What it had reported is left out with the rest; the evaluation and the trial stay.
TEST(Trainer, AnEvaluationOutlivesAProbeThatRefusesLater) {
  std::vector<PlannedProbe> probes;
  probes.push_back({"picky", std::make_unique<RefusingProbe>(3), Length{2, Length::Unit::steps}});
  probes.push_back({"norm", std::make_unique<NormProbe>(), {}});
  const Trace r = run(full_batch(3), std::make_unique<Descent>(0.25F), std::move(probes));
  EXPECT_EQ(r.outcome.status, Status::ok);
  ASSERT_EQ(r.history.size(), 3U);
  EXPECT_EQ(r.history[1].probes.size(), 2U);
  ASSERT_EQ(r.history[2].probes.size(), 1U);
  EXPECT_EQ(r.history[2].probes[0].probe, "norm");
  ASSERT_EQ(r.outcome.notes.size(), 1U);
  EXPECT_EQ(r.outcome.notes[0], "probe picky measured nothing at step 3: picky: not here");
}

TEST(Trainer, CostBucketsSumToTheTotal) {
  const Trace r = run(full_batch(50), std::make_unique<Descent>(0.25F));
  const Cost& c = r.outcome.cost;
  EXPECT_NEAR(
      c.train.wall_seconds + c.evaluate.wall_seconds + c.probe.wall_seconds + c.other.wall_seconds,
      c.total.wall_seconds, 1e-9);
  EXPECT_GT(c.train.wall_seconds, 0);
  EXPECT_GT(c.peak_memory_bytes, 0U);
}

TEST(Trainer, SameBitsOnOneAndTwoThreads) {
  std::vector<Line> train;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    Line line{std::vector<float>(5), static_cast<float>(random.normal())};
    random.normal(line.x);
    train.push_back(line);
  }
  const LineProblem problem(train, train);
  std::vector<double> losses;
  for (const std::size_t threads : {1U, 2U}) {
    TrialSettings s;
    s.batch = 96;
    s.micro_batch = 7;
    s.threads = threads;
    s.budget = {3, Length::Unit::epochs};
    CostMeter meter;
    const Observer observer;
    Method method;
    method.optimizer = std::make_unique<Descent>(0.05F);
    Trainer trainer(s, problem, std::move(method), meter, observer);
    losses.push_back(trainer.run().final->train.loss);
  }
  EXPECT_EQ(losses[0], losses[1]);
}

// Start at 3 instead of 0: one step of 1/2 (w - 2) leads to 2.5; the problem's own start point stays
// known, and the end is told with the statistics, of which there are none.
TEST(Trainer, StartsWhereAnotherTrialEnded) {
  const LineProblem problem({{{1}, 1}, {{1}, 3}}, {{{1}, 4}});
  std::vector<float> end;
  Observer observer;
  observer.end_point = [&](const Problem&, std::span<const float> w,
                           std::span<const float> statistics) {
    end.assign(w.begin(), w.end());
    EXPECT_TRUE(statistics.empty());
  };
  CostMeter meter;
  const auto trained = [&](double steps) {
    Method method;
    method.optimizer = std::make_unique<Descent>(0.25F);
    const TrialSettings settings = full_batch(steps);
    Trainer trainer(settings, problem, std::move(method), meter, observer);
    trainer.start_from(std::vector<float>{3});
    return trainer.run();
  };
  EXPECT_EQ(trained(1).final->train.loss, (2.25 + 0.25) / 2);
  EXPECT_EQ(end, std::vector<float>{2.5F});
  const Outcome none = trained(0);
  EXPECT_EQ(none.status, Status::ok);
  EXPECT_EQ(none.final->train.loss, 2);
  EXPECT_EQ(end, std::vector<float>{3});
}

TEST(Trainer, AStartOfAnotherLengthIsAnError) {
  const LineProblem problem({{{1}, 1}, {{1}, 3}}, {{{1}, 4}});
  CostMeter meter;
  const Observer nobody;
  Method method;
  method.optimizer = std::make_unique<Descent>(0.25F);
  const TrialSettings settings = full_batch(1);
  Trainer trainer(settings, problem, std::move(method), meter, nobody);
  EXPECT_THROW(trainer.start_from(std::vector<float>{1, 2}), Error);
}

}  // namespace
}  // namespace gapbench::train
