// Gradient norms of single examples, as the oracle answers them over a network.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "gapbench/numeric.h"
#include "plugin/registry.h"
#include "train/group.h"
#include "train/problems.h"

namespace gapbench::train {
namespace {

class ExampleNorms : public ::testing::Test {
 protected:
  static std::unique_ptr<const Problem> load(const char* norm) {
    TrialSettings s;
    s.data.set = {"synthetic10",
                  {{"examples", std::int64_t{64}}, {"test_examples", std::int64_t{8}}}};
    s.network = {"resnet8", {{"norm", std::string(norm)}, {"width", std::int64_t{8}}}};
    return load_problem(s, plugin::Registry(), "").problem;
  }

  ExampleNorms() {
    for (const TensorInfo& t : problem_->tensors()) w_.resize(t.offset + t.size);
    problem_->initialize(Random(1), w_);
    point_ = problem_->make_point();
    point_->assign(w_);
    std::iota(batch_.begin(), batch_.end(), 3U);
  }

  /// The gradient of a micro-batch of one example.
  std::vector<float> gradient_alone(std::size_t example, const std::vector<std::int32_t>& labels) {
    const std::vector<std::uint32_t> one{batch_[example]};
    const Examples examples{Part::train, one};
    Slot slot(*problem_, w_.size(), 1);
    OracleMicroBatch m(slot, *problem_, *point_, examples, Mode::training, Random(1));
    std::vector<float> g(w_.size());
    m.gradient(CrossEntropy(std::span(labels).subspan(example, 1)), g);
    return g;
  }
  double alone(std::size_t example, const std::vector<std::int32_t>& labels) {
    const std::vector<float> g = gradient_alone(example, labels);
    return dot(g, g);
  }

  std::unique_ptr<const Problem> problem_ = load("group");
  std::vector<float> w_;
  std::unique_ptr<Point> point_;
  std::vector<std::uint32_t> batch_ = std::vector<std::uint32_t>(7);
  std::vector<std::int32_t> labels_{1, 8, 4, 0, 9, 2, 2};
};

TEST_F(ExampleNorms, AreNotThoseOfTheMean) {
  const Examples examples{Part::train, batch_};
  Slot slot(*problem_, w_.size(), 7);
  OracleMicroBatch m(slot, *problem_, *point_, examples, Mode::training, Random(1));
  const CrossEntropy head(labels_);
  std::vector<double> norms(7);
  m.example_gradient_norms(head, norms);
  for (std::size_t i = 0; i < 7; ++i) {
    const double right = alone(i, labels_);
    EXPECT_NEAR(norms[i], right, 1e-4 * right) << i;
  }
  EXPECT_EQ(slot.counts.forward, 7);
  EXPECT_EQ(slot.counts.backward, 7);
}

// The cotangents of a gradient serve its examples' norms and those the Hessian-vector product, but
// no gradient was made on the way.
TEST_F(ExampleNorms, ShareWhatOtherQuestionsComputed) {
  const Examples examples{Part::train, batch_};
  const auto answers = [&](bool norms_first) {
    Slot slot(*problem_, w_.size(), 7);
    OracleMicroBatch m(slot, *problem_, *point_, examples, Mode::training, Random(1),
                       {.repeats_gradient = true});
    std::vector<double> norms(7);
    std::vector<float> g(w_.size()), hv(w_.size());
    if (norms_first) m.example_gradient_norms(m.loss(), norms);
    if (norms_first) m.hessian_vector(m.loss(), w_, hv);
    m.gradient(m.loss(), g);
    if (!norms_first) m.hessian_vector(m.loss(), w_, hv);
    if (!norms_first) m.example_gradient_norms(m.loss(), norms);
    EXPECT_EQ(slot.counts.forward, 7);
    EXPECT_EQ(slot.counts.backward, 14);
    return std::tuple(norms, g, hv);
  };
  EXPECT_TRUE(answers(true) == answers(false));
}

// Networks without normalizations have them from one backward, others from one for each example.
TEST_F(ExampleNorms, SquaresAreThoseOfGradientsAlone) {
  for (const char* norm : {"none", "group"}) {
    SCOPED_TRACE(norm);
    problem_ = load(norm);
    w_.clear();
    for (const TensorInfo& t : problem_->tensors()) w_.resize(t.offset + t.size);
    problem_->initialize(Random(1), w_);
    point_ = problem_->make_point();
    point_->assign(w_);
    EXPECT_EQ(problem_->has_example_squares(), std::string(norm) == "none");
    std::vector<double> right(w_.size());
    for (std::size_t i = 0; i < 7; ++i) {
      const std::vector<float> g = gradient_alone(i, labels_);
      for (std::size_t p = 0; p < g.size(); ++p) right[p] += double{g[p]} * g[p] / 7;
    }
    const Examples examples{Part::train, batch_};
    Slot slot(*problem_, w_.size(), 7);
    OracleMicroBatch m(slot, *problem_, *point_, examples, Mode::training, Random(1));
    std::vector<float> squares(w_.size());
    m.example_gradient_squares(CrossEntropy(labels_), squares);
    const double largest = *std::ranges::max_element(right);
    for (std::size_t p = 0; p < right.size(); ++p) {
      ASSERT_NEAR(squares[p], right[p], 1e-4 * right[p] + 1e-7 * largest) << p;
    }
  }
}

// A group's parts know where their labels begin.
TEST_F(ExampleNorms, OfAGroup) {
  Team team(*problem_, 2, w_.size(), 3);
  GroupMemory memory;
  OracleMiniBatch mini_batch(
      {*problem_, team, memory, *point_, {Part::train, batch_}, 3, 1, Random(1)});
  std::vector<double> norms(7);
  mini_batch.mean_over(7,
                       [&](MicroBatch& m, std::span<float>) {
                         m.example_gradient_norms(CrossEntropy(labels_), norms);
                         return 0.0;
                       },
                       {});
  for (std::size_t i = 0; i < 7; ++i) {
    const double right = alone(i, labels_);
    EXPECT_NEAR(norms[i], right, 1e-4 * right) << i;
  }
}

TEST_F(ExampleNorms, AreRefusedUnderBatchNormalizationInTrainingOnly) {
  problem_ = load("batch");
  point_ = problem_->make_point();
  point_->assign(w_);
  point_->assign_buffers(problem_->buffers());
  const Examples examples{Part::train, batch_};
  Slot slot(*problem_, w_.size(), 7);
  std::vector<double> norms(7);
  OracleMicroBatch trained(slot, *problem_, *point_, examples, Mode::training, Random(1));
  EXPECT_THROW(trained.example_gradient_norms(trained.loss(), norms), Error);
  OracleMicroBatch evaluated(slot, *problem_, *point_, examples, Mode::evaluation, Random(1));
  evaluated.example_gradient_norms(evaluated.loss(), norms);
  EXPECT_THAT(norms, ::testing::Each(::testing::Gt(0)));
}

// Factors of several layers come from one backward, and those of the whole are the mean of its
// examples'.
TEST_F(ExampleNorms, StandBesideKroneckerFactors) {
  const auto layers = problem_->kronecker_layers();
  ASSERT_EQ(layers.size(), 10U);
  const auto factors = [&](std::size_t first, std::size_t count, double expected) {
    const auto part = std::span(batch_).subspan(first, count);
    const Examples examples{Part::train, part};
    Slot slot(*problem_, w_.size(), count);
    OracleMicroBatch m(slot, *problem_, *point_, examples, Mode::training, Random(1));
    std::vector<std::vector<float>> all;
    for (const std::size_t l : {0U, 5U}) {
      all.emplace_back(layers[l].inputs * layers[l].inputs);
      all.emplace_back(layers[l].outputs * layers[l].outputs);
      m.kronecker_factors(m.loss(), l, all[all.size() - 2], all.back());
    }
    EXPECT_EQ(slot.counts.forward, expected);
    EXPECT_EQ(slot.counts.backward, expected);
    return all;
  };
  const auto whole = factors(0, 7, 7);
  std::vector<std::vector<float>> mean(4);
  for (std::size_t i = 0; i < 7; ++i) {
    const auto one = factors(i, 1, 1);
    for (std::size_t f = 0; f < 4; ++f) {
      mean[f].resize(one[f].size());
      add_scaled(1.0 / 7, one[f], mean[f]);
    }
  }
  for (std::size_t f = 0; f < 4; ++f) {
    const double length = std::sqrt(dot(mean[f], mean[f]));
    add_scaled(-1, whole[f], mean[f]);
    EXPECT_GT(length, 0);
    EXPECT_LT(std::sqrt(dot(mean[f], mean[f])), 1e-4 * length) << f;
  }
}

}  // namespace
}  // namespace gapbench::train
