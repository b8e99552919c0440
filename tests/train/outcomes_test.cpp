// What each test example got: by hand.
#include <gmock/gmock.h>

#include <cmath>

#include "train/evaluation.h"
#include "train/line_problem.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;
using ::testing::ElementsAre;

constexpr std::size_t count = 70;  // three chunks of an evaluation

/// Example i has the outputs (0, ln 3, [ln 4 where i is a multiple of 7]) and the label i mod 3.
class FixedPasses final : public Passes {
 public:
  Outputs forward(const Point&, const Examples& examples, Mode) override {
    values_.clear();
    labels_.clear();
    for (const std::uint32_t i : examples.indices) {
      values_.insert(values_.end(), {0.0F, std::log(3.0F), i % 7 == 0 ? std::log(4.0F) : 0.0F});
      labels_.push_back(static_cast<std::int32_t>(i % 3));
    }
    return {labels_.size(), 3, values_, labels_, {}};
  }
  void backward(std::span<const float>, std::span<float> out) override {
    std::ranges::fill(out, 0.0F);
  }
  std::span<const float> tangent_forward(const Point&) override { return {}; }
  void tangent_backward(std::span<const float>, std::span<float>) override {}

 private:
  std::vector<float> values_;
  std::vector<std::int32_t> labels_;
};

class FixedProblem final : public Problem {
 public:
  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 3; }
  std::size_t examples(Part part) const noexcept override {
    return part == Part::validation ? 0 : count;
  }
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random, std::span<float> w) const override { std::ranges::fill(w, 0.5F); }
  std::unique_ptr<Passes> make_passes(std::size_t) const override {
    return std::make_unique<FixedPasses>();
  }
  PassFlops flops() const noexcept override { return {1, 1, 1, 1}; }

 private:
  std::vector<TensorInfo> tensors_ = {{"w", TensorKind::weight, {2}, 0, 2}};
  CrossEntropy loss_;
};

class Still final : public Optimizer {
 public:
  void step(Step& s) override {
    std::vector<float> g(s.dimension());
    s.gradient(g);
  }
  void archive(State&) override {}
};

struct Heard {
  std::vector<std::vector<ExampleOutcome>> outcomes;
  std::vector<float> end;
  Outcome outcome;
};

Heard run(const Problem& problem, bool tuning = false) {
  TrialSettings settings;
  settings.batch = 2;
  settings.budget = {2, Length::Unit::steps};
  settings.evaluate_every = Length{1, Length::Unit::steps};
  settings.tuning = tuning;
  Heard heard;
  Observer observer;
  observer.outcomes = [&](std::span<const ExampleOutcome> o) {
    heard.outcomes.emplace_back(o.begin(), o.end());
  };
  observer.end_point = [&](const Problem&, std::span<const float> w, std::span<const float>) {
    heard.end.assign(w.begin(), w.end());
  };
  CostMeter meter;
  Method method;
  method.optimizer = std::make_unique<Still>();
  heard.outcome = Trainer(settings, problem, std::move(method), meter, observer).run();
  return heard;
}

TEST(ExampleOutcomes, AreThoseOfTheSoftmax) {
  const FixedProblem problem;
  Team team(problem, 2, 2, 32);
  const auto point = problem.make_point();
  const std::vector<float> w(2);
  point->assign(w);
  std::vector<ExampleOutcome> outcomes(count);
  const PartMetrics metrics = evaluate(problem, team, *point, Part::test, outcomes);
  double loss = 0;
  double right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const bool seventh = i % 7 == 0;  // exp: 1 3 4, else 1 3 1
    const double sum = seventh ? 8 : 5;
    const double exps[] = {1, 3, seventh ? 4.0 : 1.0};
    EXPECT_EQ(outcomes[i].label, static_cast<std::int32_t>(i % 3));
    EXPECT_EQ(outcomes[i].predicted, seventh ? 2 : 1);
    EXPECT_NEAR(outcomes[i].probability, exps[i % 3] / sum, 1e-6);  // f32 logarithms
    loss -= std::log(double{outcomes[i].probability}) / count;
    right += outcomes[i].predicted == outcomes[i].label ? 1 : 0;
  }
  EXPECT_NEAR(metrics.loss, loss, 1e-6);
  EXPECT_EQ(metrics.accuracy, right / count);
  EXPECT_EQ(evaluate(problem, team, *point, Part::test).loss, metrics.loss);
}

TEST(ExampleOutcomes, AreToldOnceAfterTheLastStep) {
  const Heard heard = run(FixedProblem());
  ASSERT_EQ(heard.outcomes.size(), 1U);
  EXPECT_EQ(heard.outcomes[0].size(), count);
  EXPECT_EQ(heard.outcomes[0][7].predicted, 2);
  EXPECT_THAT(heard.end, ElementsAre(0.5F, 0.5F));
  EXPECT_TRUE(run(FixedProblem(), true).outcomes.empty());  // tuning never sees the test part
}

TEST(ExampleOutcomes, ARegressionHasNone) {
  const LineProblem problem({{{1, 0}, 1}, {{0, 1}, 3}}, {{{1, 1}, 4}});
  const Heard heard = run(problem);
  EXPECT_EQ(heard.outcome.status, Status::ok);
  EXPECT_TRUE(heard.outcomes.empty());
  EXPECT_EQ(heard.end.size(), 2U);
}

}  // namespace
}  // namespace gapbench::train
