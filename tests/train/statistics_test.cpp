// Running statistics: who moves them, in which order, and who uses them.

#include <gmock/gmock.h>

#include <numeric>

#include "gapbench/error.h"
#include "train/evaluation.h"
#include "train/line_problem.h"
#include "train/objective.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;
using ::testing::ElementsAre;

struct BufferPoint final : Point {
  void assign_buffers(std::span<const float> statistics) override {
    buffers.assign(statistics.begin(), statistics.end());
  }
  std::vector<float> buffers;
};

/// Measures the mean output of a training forward; in evaluation every output is the point's.
class MeasuringPasses final : public Passes {
 public:
  explicit MeasuringPasses(std::unique_ptr<Passes> line) : line_(std::move(line)) {}

  Outputs forward(const Point& w, const Examples& examples, Mode mode) override {
    Outputs z = line_->forward(w, examples, mode);
    if (mode == Mode::training) {
      const float sum = std::accumulate(z.values.begin(), z.values.end(), 0.0F);
      mean_ = {sum / static_cast<float>(z.values.size())};
      return z;
    }
    constant_.assign(z.values.size(), static_cast<const BufferPoint&>(w).buffers.at(0));
    z.values = constant_;
    return z;
  }
  void backward(std::span<const float> cotangent, std::span<float> out) override {
    line_->backward(cotangent, out);
  }
  std::span<const float> tangent_forward(const Point& v) override {
    return line_->tangent_forward(v);
  }
  void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) override {
    line_->tangent_backward(cotangent_tangent, out);
  }
  std::span<const float> statistics() const noexcept override { return mean_; }

 private:
  std::unique_ptr<Passes> line_;
  std::vector<float> mean_ = std::vector<float>(1);
  std::vector<float> constant_;
};

class MeasuringProblem final : public Problem {
 public:
  explicit MeasuringProblem(std::vector<gapbench::testing::Line> lines, std::size_t buffers = 1)
      : line_(std::move(lines), {{{1}, 5}}), buffers_(buffers, 8.0F) {}

  std::span<const TensorInfo> tensors() const noexcept override { return line_.tensors(); }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part part) const noexcept override { return line_.examples(part); }
  const Head& loss() const noexcept override { return line_.loss(); }
  void initialize(Random random, std::span<float> w) const override { line_.initialize(random, w); }
  std::unique_ptr<Point> make_point() const override { return std::make_unique<BufferPoint>(); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override {
    return std::make_unique<MeasuringPasses>(line_.make_passes(capacity));
  }
  PassFlops flops() const noexcept override { return line_.flops(); }
  std::span<const float> buffers() const noexcept override { return buffers_; }

 private:
  LineProblem line_;
  std::vector<float> buffers_;
};

class StatisticsTest : public ::testing::Test {
 protected:
  float running() const { return objective_.running_statistics()[0]; }

  // At w = 1 the micro-batches of one example measure 1, 2 and 4.
  MeasuringProblem problem_{{{{1}, 0}, {{2}, 0}, {{4}, 0}}};
  Team team_{problem_, 2, 1, 4};
  std::vector<Penalty> penalties_;
  std::vector<float> w_{1};
  std::vector<std::uint32_t> batch_{0, 1, 2};
  std::vector<float> out_ = std::vector<float>(1);
  Objective objective_{problem_, team_, penalties_, 1, false, Random(1), w_};
};

// 8 -> 0.9 * 8 + 0.1 * 1 = 7.3 -> 0.9 * 7.3 + 0.1 * 2 = 6.77 -> 0.9 * 6.77 + 0.1 * 4 = 6.493
TEST_F(StatisticsTest, FoldInTheOrderOfMicroBatches) {
  EXPECT_EQ(running(), 8);
  objective_.begin({.examples = batch_});
  EXPECT_EQ(running(), 8);
  objective_.gradient(out_);
  EXPECT_FLOAT_EQ(running(), 6.493F);
  const std::vector<std::uint32_t> reversed{2, 1, 0};  // 7.6, 7.04, 6.436
  Objective other(problem_, team_, penalties_, 1, false, Random(1), w_);
  other.begin({.examples = reversed});
  other.gradient(out_);
  EXPECT_FLOAT_EQ(other.running_statistics()[0], 6.436F);
}

TEST_F(StatisticsTest, MoveOnceAStep) {
  objective_.begin({.examples = batch_});
  const std::vector<float> far{1000};
  objective_.value_at(far);
  EXPECT_EQ(running(), 8) << "a value alone is no training pass";
  objective_.gradient(out_);
  const float first = running();
  objective_.gradient_at(far, out_);
  objective_.gradient(out_);
  objective_.hessian_vector(far, out_);
  objective_.for_each_micro_batch([](MicroBatch& m, std::size_t) { m.outputs(); });
  EXPECT_EQ(running(), first);
  objective_.begin({.index = 1, .examples = batch_});
  EXPECT_EQ(running(), first);
  objective_.gradient(out_);
  EXPECT_FLOAT_EQ(running(), 0.729F * 6.493F + 0.081F * 1 + 0.09F * 2 + 0.1F * 4);
}

// Whatever a method asks elsewhere first: 1, 2 and 4 are measured, not 1000 times as much.
TEST_F(StatisticsTest, AreOfThePointItselfWhateverElseIsAsked) {
  objective_.begin({.examples = batch_});
  const std::vector<float> far{1000};
  objective_.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    std::vector<float> g(1);
    if (k != 2) m.gradient_at(far, m.loss(), g);
    m.gradient(m.loss(), g);
    m.gradient_at(far, m.loss(), g);
  });
  EXPECT_FLOAT_EQ(running(), 6.493F);
  objective_.begin({.index = 1, .examples = batch_});
  objective_.for_each_micro_batch([&](MicroBatch& m, std::size_t) {
    std::vector<float> g(1);
    m.gradient_at(far, m.loss(), g);
  });
  EXPECT_FLOAT_EQ(running(), 6.493F) << "nobody looked at this point";
}

// An optimizer that never asks for the whole gradient.
TEST_F(StatisticsTest, MoveWithTheMicroBatchesAMethodAsksItself) {
  objective_.begin({.examples = batch_});
  objective_.for_each_micro_batch([](MicroBatch& m, std::size_t k) {
    if (k != 1) m.outputs();
  });
  EXPECT_FLOAT_EQ(running(), (8 * 0.9F + 0.1F) * 0.9F + 0.4F);  // 1 and 4; nobody looked at 2
}

TEST_F(StatisticsTest, AreTheSameBitsOnAnyNumberOfThreads) {
  std::vector<gapbench::testing::Line> lines;
  std::vector<std::uint32_t> all;
  for (std::uint32_t i = 0; i < 100; ++i) {
    lines.push_back({{0.37F * static_cast<float>(i % 17) - 2}, 0});
    all.push_back(i);
  }
  const MeasuringProblem problem(lines);
  std::vector<float> results;
  for (const std::size_t threads : {1U, 2U, 2U}) {
    Team team(problem, threads, 1, 4);
    Objective objective(problem, team, penalties_, 3, false, Random(1), w_);
    for (std::uint64_t step = 0; step < 3; ++step) {
      objective.begin({.index = step, .examples = all});
      objective.gradient(out_);
    }
    results.push_back(objective.running_statistics()[0]);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

// Every output is the running statistic: (6.493 - 5)^2 on the test part.
TEST_F(StatisticsTest, AreWhatEvaluationUses) {
  objective_.begin({.examples = batch_});
  objective_.gradient(out_);
  const auto point = problem_.make_point();
  point->assign(w_);
  point->assign_buffers(objective_.running_statistics());
  const PartMetrics m = evaluate(problem_, team_, *point, Part::test);
  EXPECT_NEAR(m.loss, 1.493 * 1.493, 1e-5);
}

TEST_F(StatisticsTest, MustBeAsManyAsTheBuffers) {
  const MeasuringProblem two({{{1}, 0}}, 2);
  Team team(two, 1, 1, 4);
  Objective objective(two, team, penalties_, 1, false, Random(1), w_);
  objective.begin({.examples = std::span(batch_).first(1)});
  try {
    objective.gradient(out_);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()), "problem: its passes measure 1 statistics, it has 2 buffers");
  }
}

// Its outputs do not, but a problem with statistics may couple the examples of a micro-batch.
TEST_F(StatisticsTest, MeanThatSingleExamplesHaveNoGradient) {
  objective_.begin({.examples = batch_});
  std::vector<double> norms(1);
  try {
    objective_.for_each_micro_batch(
        [&](MicroBatch& m, std::size_t) { m.example_gradient_norms(m.loss(), norms); });
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), ::testing::HasSubstr("batch normalization couples the examples"));
  }
}

class OwnSize final : public Regularizer {
 public:
  explicit OwnSize(std::size_t size) : size_(size) {}
  std::size_t micro_batch() const noexcept override { return size_; }
  double penalize_micro_batch(MicroBatch& m, std::span<float>) const override {
    return m.value(m.loss());
  }

 private:
  std::size_t size_;
};

TEST_F(StatisticsTest, MeanThatAPenaltyCannotCutAcrossNormalizedGroups) {
  const auto value = [&](std::size_t own, std::size_t micro_batch) {
    std::vector<Penalty> penalties;
    penalties.push_back({std::make_unique<OwnSize>(own), hook_micro_batch});
    Objective objective(problem_, team_, penalties, micro_batch, false, Random(1), w_);
    objective.begin({.examples = batch_});
    const double sum = objective.gradient(out_);
    EXPECT_FLOAT_EQ(objective.running_statistics()[0], micro_batch == 1   ? 6.493F
                                                       : micro_batch == 2 ? 7.015F
                                                                          : 0);
    return sum;
  };
  // The loss is the mean of 1, 4 and 16, and here it is penalized once more.
  EXPECT_DOUBLE_EQ(value(2, 1), 14);
  EXPECT_DOUBLE_EQ(value(3, 2), 14);  // the whole batch
  EXPECT_DOUBLE_EQ(value(2, 2), 14);
  EXPECT_DOUBLE_EQ(value(1, 2), 14);  // parts of a group
  try {
    value(2, 3);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()),
              "micro_batch: 2 asked by a regularizer; where batch normalization couples the "
              "examples it must divide the trial's micro-batch, 3, or be a multiple of it, or at "
              "least the batch, 3");
  }
}

class OneGradient final : public Optimizer {
 public:
  void step(Step& s) override {
    std::vector<float> g(s.dimension());
    s.gradient(g);
  }
  void archive(State&) override {}
};

// At w = 0 every micro-batch measures 0: 8 falls to 8 * 0.729 = 5.832.
TEST_F(StatisticsTest, ReachEvaluationThroughTheTrainer) {
  TrialSettings settings;
  settings.batch = 3;
  settings.micro_batch = 1;
  settings.budget = {1, Length::Unit::steps};
  std::vector<double> losses;
  Observer observer;
  observer.evaluated = [&](const Evaluation& e) { losses.push_back(e.test->loss); };
  CostMeter meter;
  Method method;
  method.optimizer = std::make_unique<OneGradient>();
  Trainer(settings, problem_, std::move(method), meter, observer).run();
  EXPECT_THAT(losses, ElementsAre(9, ::testing::DoubleNear(0.832 * 0.832, 1e-5)));
}

}  // namespace
}  // namespace gapbench::train
