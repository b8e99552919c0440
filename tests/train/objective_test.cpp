#include "train/objective.h"

#include <gtest/gtest.h>

#include <numeric>

#include "train/line_problem.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;

// R_M(w) = lambda |g_M|^2, the penalty a plugin would write.
class GradientPenalty final : public Regularizer {
 public:
  explicit GradientPenalty(std::size_t micro_batch = 0) : micro_batch_(micro_batch) {}
  std::size_t micro_batch() const noexcept override { return micro_batch_; }
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    std::vector<float> g(m.dimension());
    std::vector<float> hg(m.dimension());
    m.gradient(m.loss(), g);
    const double norm = std::inner_product(g.begin(), g.end(), g.begin(), 0.0);
    if (!gradient.empty()) {
      m.hessian_vector(m.loss(), g, hg);
      for (std::size_t i = 0; i < g.size(); ++i) gradient[i] += 2 * hg[i];
    }
    return norm;
  }

 private:
  std::size_t micro_batch_;
};

// The mean of |g_M|^2 over micro-batches of 1, and |g|^2 of the whole.
class MeanOverSizes final : public Regularizer {
 public:
  double penalize_mini_batch(MiniBatch& m, std::span<float> gradient) const override {
    EXPECT_EQ(m.size(), 3U);
    const auto f = [](MicroBatch& part, std::span<float> g) {
      return GradientPenalty().penalize_micro_batch(part, g);
    };
    return m.mean_over(1, f, gradient) + m.mean_over(99, f, gradient);
  }
};

class Ridge final : public Regularizer {
 public:
  double penalize_parameters(const Parameters& p, std::span<float> gradient) const override {
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += 2 * p.values[i];
    return std::inner_product(p.values.begin(), p.values.end(), p.values.begin(), 0.0);
  }
};

class ObjectiveTest : public ::testing::Test {
 protected:
  Objective& at(std::size_t micro_batch) {
    objective_.emplace(problem_, team_, penalties_, micro_batch, false, Random(1), w_);
    objective_->begin({.examples = batch_});
    return *objective_;
  }

  // One weight; at w = 1 the residuals are 1, 2, 4 and the slopes 1, 2, 4.
  LineProblem problem_{{{{1}, 0}, {{2}, 0}, {{4}, 0}}, {{{1}, 0}}};
  Team team_{problem_, 2, 1, 4};
  std::vector<Penalty> penalties_;
  std::vector<float> w_{1};
  std::vector<std::uint32_t> batch_{0, 1, 2};
  std::vector<float> out_ = std::vector<float>(1);
  std::optional<Objective> objective_;
};

TEST_F(ObjectiveTest, IsTheMeanOverExamplesHoweverTheBatchIsCut) {
  for (const std::size_t micro_batch : {1U, 2U, 3U, 8U}) {
    Objective& f = at(micro_batch);
    EXPECT_EQ(f.micro_batches(), (3 + micro_batch - 1) / micro_batch);
    EXPECT_DOUBLE_EQ(f.gradient(out_), 7.0) << micro_batch;  // (1 + 4 + 16) / 3
    EXPECT_FLOAT_EQ(out_[0], 14.0F);                         // 2 (1 + 4 + 16) / 3
    EXPECT_DOUBLE_EQ(f.value_at(w_), 7.0);
    const std::vector<float> v{3};
    f.hessian_vector(v, out_);
    EXPECT_FLOAT_EQ(out_[0], 42.0F);
  }
}

TEST_F(ObjectiveTest, MicroBatchPenaltiesAreWeighedBySize) {
  penalties_.push_back({std::make_unique<GradientPenalty>(), hook_micro_batch});
  Objective& f = at(2);
  // Micro-batches {1, 2} and {4}: gradients (2 + 8) / 2 = 5 and 32, curvatures 5 and 32.
  // R = 2/3 25 + 1/3 1024; its gradient = 2/3 (2*5*5) + 1/3 (2*32*32).
  const double penalty = (2.0 * 25 + 1024) / 3;
  EXPECT_DOUBLE_EQ(f.gradient(out_), 7.0 + penalty);
  EXPECT_FLOAT_EQ(out_[0], static_cast<float>(14.0 + (2.0 * 50 + 2048) / 3));
  EXPECT_DOUBLE_EQ(f.value_at(w_), 7.0 + penalty);
}

// The same numbers as above however the batch is cut for computing.
TEST_F(ObjectiveTest, APenaltyMayHaveMicroBatchesOfItsOwn) {
  penalties_.push_back({std::make_unique<GradientPenalty>(2), hook_micro_batch});
  const double penalty = (2.0 * 25 + 1024) / 3;
  for (const std::size_t micro_batch : {1U, 2U, 3U}) {
    Objective& f = at(micro_batch);
    EXPECT_DOUBLE_EQ(f.gradient(out_), 7.0 + penalty) << micro_batch;
    EXPECT_FLOAT_EQ(out_[0], static_cast<float>(14.0 + (2.0 * 50 + 2048) / 3));
    EXPECT_DOUBLE_EQ(f.value_at(w_), 7.0 + penalty);
  }
}

TEST_F(ObjectiveTest, APenaltyMaySeeTheWholeMiniBatch) {
  penalties_.push_back({std::make_unique<MeanOverSizes>(), hook_mini_batch});
  for (const std::size_t micro_batch : {1U, 2U, 3U}) {
    Objective& f = at(micro_batch);
    // Gradients 2, 8, 32 of single examples, 14 of all; their curvatures are the same numbers.
    const double penalty = (4.0 + 64 + 1024) / 3 + 196;
    EXPECT_DOUBLE_EQ(f.gradient(out_), 7.0 + penalty) << micro_batch;
    EXPECT_FLOAT_EQ(out_[0], static_cast<float>(14.0 + 2 * penalty));
    EXPECT_DOUBLE_EQ(f.value_at(w_), 7.0 + penalty);
  }
}

TEST_F(ObjectiveTest, APenaltyOnTheLossGradientPaysNoSecondBackward) {
  penalties_.push_back({std::make_unique<GradientPenalty>(), hook_micro_batch});
  at(2).gradient(out_);
  const PassCounts counts = team_.counts();
  EXPECT_EQ(counts.forward, 3);
  EXPECT_EQ(counts.backward, 3);
  EXPECT_EQ(counts.tangent_forward, 3);
  EXPECT_EQ(counts.tangent_backward, 3);
}

TEST_F(ObjectiveTest, ParameterPenaltiesCountOnce) {
  penalties_.push_back({std::make_unique<Ridge>(), hook_parameters});
  Objective& f = at(1);
  EXPECT_DOUBLE_EQ(f.gradient(out_), 8.0);
  EXPECT_FLOAT_EQ(out_[0], 16.0F);
  const std::vector<float> zero{0};
  EXPECT_EQ(f.gradient_at(zero, out_), 0.0);
  EXPECT_EQ(out_[0], 0.0F);
  EXPECT_EQ(f.first_value(), 8.0);  // of the first question, not the last
  EXPECT_EQ(f.first_loss(), 7.0);   // without 1^2
}

TEST_F(ObjectiveTest, SeesParametersWrittenDuringTheStep) {
  Objective& f = at(3);
  f.parameters()[0] = 2;
  EXPECT_DOUBLE_EQ(f.gradient(out_), 28.0);
}

TEST_F(ObjectiveTest, MicroBatchesKnowTheirPlaceAndShareAKey) {
  Objective& f = at(2);
  f.begin({.index = 4, .schedule = 0.25, .examples = batch_});
  std::vector<std::uint64_t> keys(2);
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    EXPECT_EQ(m.place().index, k);
    EXPECT_EQ(m.place().count, 2U);
    EXPECT_EQ(m.place().schedule, 0.25);
    keys[k] = m.step_random("x").bits();
  });
  EXPECT_EQ(keys[0], keys[1]);
  f.begin({.index = 5, .examples = batch_});
  f.for_each_micro_batch(
      [&](MicroBatch& m, std::size_t) { EXPECT_NE(m.step_random("x").bits(), keys[0]); });
}

TEST_F(ObjectiveTest, RandomNumbersAreKeyedByStepAndPlace) {
  Objective& f = at(1);
  std::vector<std::uint64_t> first(3);
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t k) { first[k] = m.random("x").bits(); });
  EXPECT_NE(first[0], first[1]);
  std::vector<std::uint64_t> again(3);
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t k) { again[k] = m.random("x").bits(); });
  EXPECT_EQ(first, again);
  f.begin({.index = 1, .examples = batch_});
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t k) { again[k] = m.random("x").bits(); });
  EXPECT_NE(first, again);
}

}  // namespace
}  // namespace gapbench::train
