// A trial that is cut off and goes on ends in the same bits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "gapbench/error.h"
#include "train/line_problem.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using gapbench::testing::Line;
using gapbench::testing::LineProblem;
using ::testing::HasSubstr;

/// v <- 0.5 v + g, w <- w - v / 8: the next step depends on all before it.
class HeavyBall final : public Optimizer {
 public:
  void step(Step& s) override {
    std::vector<float> g(s.dimension());
    s.gradient(g);
    for (std::size_t i = 0; i < g.size(); ++i) {
      velocity_[i] = 0.5F * velocity_[i] + g[i];
      s.parameters()[i] -= velocity_[i] / 8;
    }
  }
  void archive(State& state) override { state.field("velocity", velocity_); }

 private:
  std::vector<float> velocity_{0, 0};
};

class LengthProbe final : public Probe {
 public:
  void measure(Snapshot& s, Metrics& metrics) override {
    metrics.add("w0", s.parameters().values[0], "");
  }
};

struct Trace {
  Outcome outcome;
  std::vector<Evaluation> history;
  std::vector<float> lengths;
  std::vector<std::string> states;  ///< after steps 1, 2, ...
  std::vector<float> end;           ///< parameters after the last step
};

constexpr std::uint64_t all = 100;

/// Six steps of two examples each out of four, or of all four from the third on; stops when `until` steps are done.
Trace run(std::uint64_t until, Continuation from = {}, bool grows = false) {
  const LineProblem problem({{{1, 0}, 1}, {{1, 1}, 3}, {{2, 1}, 3}, {{0, 1}, -1}}, {{{1, 1}, 4}});
  TrialSettings settings;
  settings.batch = 2;
  settings.micro_batch = 1;
  if (grows) settings.batch_growth = BatchGrowth{{1}, 2};
  settings.budget = {6, Length::Unit::steps};
  settings.evaluate_every = Length{2, Length::Unit::steps};
  Trace trace;
  std::uint64_t done = 0;
  Observer observer;
  observer.evaluated = [&](const Evaluation& e) { trace.history.push_back(e); };
  observer.moved = [&](float length) { trace.lengths.push_back(length); };
  observer.stepped = [&](std::uint64_t step, std::uint64_t) { done = step; };
  observer.interrupted = [&] { return done >= until; };
  observer.checkpoint_due = [] { return true; };
  observer.checkpoint = [&](std::uint64_t, std::string_view state) {
    trace.states.emplace_back(state);
  };
  observer.end_point = [&](const Problem&, std::span<const float> w, std::span<const float>) {
    trace.end.assign(w.begin(), w.end());
  };
  CostMeter meter;
  Method method;
  method.optimizer = std::make_unique<HeavyBall>();
  method.probes.push_back(
      {"length", std::make_unique<LengthProbe>(), Length{3, Length::Unit::steps}});
  Trainer trainer(settings, problem, std::move(method), meter, observer);
  if (!from.state.empty()) trainer.go_on(std::move(from));
  trace.outcome = trainer.run();
  return trace;
}

void expect_same(const Evaluation& a, const Evaluation& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.train.loss, b.train.loss);
  EXPECT_EQ(a.objective, b.objective);
  EXPECT_EQ(a.cost.train_passes.flops, b.cost.train_passes.flops);
  EXPECT_EQ(a.cost.train_passes.backward, b.cost.train_passes.backward);
  ASSERT_EQ(a.probes.size(), b.probes.size());
  for (std::size_t i = 0; i < a.probes.size(); ++i) {
    EXPECT_EQ(a.probes[i].value, b.probes[i].value);
  }
}

class CutAt : public ::testing::TestWithParam<std::tuple<std::uint64_t, bool>> {};

TEST_P(CutAt, EndsAsIfItHadNot) {
  const auto [until, grows] = GetParam();
  const Trace whole = run(all, {}, grows);
  ASSERT_EQ(whole.outcome.status, Status::ok);
  Trace first = run(until, {}, grows);
  ASSERT_EQ(first.outcome.status, Status::interrupted);
  ASSERT_FALSE(first.states.empty());
  Trace second = run(all, {first.states.back(), first.outcome.final}, grows);
  EXPECT_EQ(second.outcome.status, Status::ok);
  EXPECT_EQ(second.outcome.step, 6U);

  std::vector<Evaluation> history = first.history;
  history.insert(history.end(), second.history.begin(), second.history.end());
  ASSERT_EQ(history.size(), whole.history.size());
  for (std::size_t i = 0; i < history.size(); ++i) expect_same(history[i], whole.history[i]);
  expect_same(*second.outcome.final, *whole.outcome.final);
  std::vector<float> lengths = first.lengths;
  lengths.insert(lengths.end(), second.lengths.begin(), second.lengths.end());
  EXPECT_EQ(lengths, whole.lengths);
  EXPECT_TRUE(first.end.empty());
  EXPECT_EQ(second.end.size(), 2U);
  EXPECT_EQ(second.end, whole.end);
  EXPECT_EQ(second.outcome.cost.gradient_samples(), grows ? 2 + 2 + 4 * 4 : 12);
  EXPECT_EQ(second.outcome.final->epoch, grows ? 5 : 3);
}

INSTANTIATE_TEST_SUITE_P(EveryStep, CutAt,
                         ::testing::Combine(::testing::Range<std::uint64_t>(1, 6),
                                            ::testing::Bool()));

TEST(Checkpoint, CostGoesOn) {
  const Trace first = run(3);
  const Trace second = run(all, {first.states.back(), first.outcome.final});
  const Cost& c = second.outcome.cost;
  EXPECT_GT(c.total.wall_seconds, first.outcome.cost.checkpoint.wall_seconds);
  EXPECT_GT(c.checkpoint.wall_seconds, 0);
  EXPECT_NEAR(c.total.wall_seconds,
              c.train.wall_seconds + c.evaluate.wall_seconds + c.probe.wall_seconds +
                  c.checkpoint.wall_seconds + c.other.wall_seconds,
              1e-9);
}

TEST(Checkpoint, NoneBeforeTheFirstStep) {
  const Trace first = run(0);
  EXPECT_EQ(first.outcome.status, Status::interrupted);
  EXPECT_TRUE(first.states.empty());
}

TEST(Checkpoint, RefusesWhatIsNotItsOwn) {
  const std::string state = run(3).states.back();
  for (const std::string& bad :
       {std::string("nonsense"), state.substr(0, state.size() - 3), state + state}) {
    EXPECT_THROW(run(all, {bad, {}}), Error);
  }
}

}  // namespace
}  // namespace gapbench::train
