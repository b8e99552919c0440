// Questions elsewhere, means of any length, heads in place of the loss, spans of the wrong length,
// and what a probe's sample says: by hand on lines.
#include <gtest/gtest.h>

#include "gapbench/error.h"
#include "train/line_problem.h"
#include "train/objective.h"
#include "train/snapshot.h"

namespace gapbench::train {
namespace {

using gapbench::testing::LineProblem;
using Vector = std::vector<float>;

/// k times the head before it.
class Times final : public Regularizer {
 public:
  explicit Times(float k) : k_(k) {}
  std::unique_ptr<const Head> replace_loss(const Head& loss) const override {
    return std::make_unique<Scaled>(loss, k_);
  }

 private:
  class Scaled final : public Head {
   public:
    Scaled(const Head& head, float k) : head_(head), k_(k) {}
    double value(const Outputs& z, std::span<float> cotangent) const override {
      const double value = head_.value(z, cotangent);
      for (float& x : cotangent) x *= k_;
      return k_ * value;
    }
    void curvature(const Outputs& z, std::span<const float> t,
                   std::span<float> out) const override {
      head_.curvature(z, t, out);
      for (float& x : out) x *= k_;
    }

   private:
    const Head& head_;
    float k_;
  };
  float k_;
};

class AtTest : public ::testing::Test {
 protected:
  Objective& at(std::size_t micro_batch) {
    objective_.emplace(problem_, team_, penalties_, micro_batch, false, Random(1), w_, start_);
    objective_->begin({.examples = batch_});
    return *objective_;
  }

  // One weight; at w = 1 the residuals are 1, 2, 4 and the gradients 2, 8, 32.
  LineProblem problem_{{{{1}, 0}, {{2}, 0}, {{4}, 0}}, {{{1}, 0}}};
  Team team_{problem_, 2, 1, 4};
  std::vector<Penalty> penalties_;
  Vector w_{1};
  Vector start_{7};
  std::vector<std::uint32_t> batch_{0, 1, 2};
  Vector out_ = Vector(1);
  std::optional<Objective> objective_;
};

TEST_F(AtTest, OtherParameters) {
  const Vector two{2};
  Objective& f = at(2);
  EXPECT_DOUBLE_EQ(f.gradient({.parameters = two}, out_), 28);
  EXPECT_FLOAT_EQ(out_[0], 28);
  EXPECT_DOUBLE_EQ(f.value({.parameters = two}), 28);
  EXPECT_DOUBLE_EQ(f.value({}), 7);
  f.for_each_micro_batch({.parameters = two}, [](MicroBatch& m, std::size_t) {
    EXPECT_EQ(m.parameters().values[0], 2);
  });
  EXPECT_EQ(f.initial_parameters()[0], 7);
}

// f_k = (g, g^2, 1): first and second moments of example gradients, 14 and (4 + 64 + 1024) / 3.
TEST_F(AtTest, MeansHaveAnyLengthOverAnyMicroBatches) {
  const auto moments = [](MicroBatch& m, std::size_t, std::span<float> term) {
    Vector g(1);
    m.gradient(m.loss(), g);
    term[0] = g[0];
    term[1] = g[0] * g[0];
    term[2] = 1;
  };
  for (const std::size_t micro_batch : {1U, 2U, 3U}) {
    Objective& f = at(micro_batch);
    Vector mean(3, NAN);
    f.mean_over({}, 1, moments, mean);
    EXPECT_FLOAT_EQ(mean[0], 14);
    EXPECT_FLOAT_EQ(mean[1], 364);
    EXPECT_FLOAT_EQ(mean[2], 1);
    f.mean_over({}, 3, moments, mean);  // larger than the trial's: parts of one group
    EXPECT_FLOAT_EQ(mean[0], 14);
    EXPECT_FLOAT_EQ(mean[1], 196);
    // {1, 2} and {4}: gradients 5 and 32, weighing 2/3 and 1/3.
    f.mean_over({}, 2, moments, mean);
    EXPECT_FLOAT_EQ(mean[1], (2.0F * 25 + 1024) / 3);
  }
  Vector own(3);
  at(2).mean_over(moments, own);
  EXPECT_FLOAT_EQ(own[1], (2.0F * 25 + 1024) / 3);
  Vector none;
  at(2).mean_over([](MicroBatch&, std::size_t, std::span<float>) {}, none);
}

TEST_F(AtTest, SquaresOfExampleGradients) {
  at(2).mean_over([](MicroBatch& m, std::size_t,
                     std::span<float> term) { m.example_gradient_squares(m.loss(), term); },
                  out_);
  EXPECT_FLOAT_EQ(out_[0], 364);
}

TEST_F(AtTest, RegularizersMayPutAHeadInPlaceOfTheLoss) {
  penalties_.push_back({std::make_unique<Times>(3), hook_loss});
  penalties_.push_back({std::make_unique<Times>(2), hook_loss});
  Objective& f = at(2);
  EXPECT_DOUBLE_EQ(f.gradient(out_), 42);
  EXPECT_FLOAT_EQ(out_[0], 84);
  EXPECT_DOUBLE_EQ(f.value_at(w_), 42);
  f.hessian_vector(Vector{1}, out_);
  EXPECT_FLOAT_EQ(out_[0], 84);
  const PassCounts counts = team_.counts();
  EXPECT_EQ(counts.forward, 9) << "no pass is added";
  EXPECT_EQ(counts.backward, 6);
  f.for_each_micro_batch([](MicroBatch& m, std::size_t k) {
    EXPECT_DOUBLE_EQ(m.value(m.loss()), 6 * (k == 0 ? 2.5 : 16));
  });
}

TEST_F(AtTest, SpansOfTheWrongLengthAreRefused) {
  Objective& f = at(2);
  Vector two(2);
  Vector none;
  EXPECT_THROW(f.gradient(two), Error);
  EXPECT_THROW(f.gradient(none), Error);
  EXPECT_THROW(f.gradient_at(two, out_), Error);
  EXPECT_THROW(f.value_at(two), Error);
  EXPECT_THROW(f.hessian_vector(two, out_), Error);
  EXPECT_THROW(f.hessian_vector(w_, two), Error);
  EXPECT_THROW(f.gradient({}, out_, two), Error);
  EXPECT_THROW(f.gradient({}, out_, out_), Error) << "by variances, without any";
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    if (k > 0) return;
    std::vector<double> one(1);
    EXPECT_THROW(m.gradient(m.loss(), two), Error);
    EXPECT_THROW(m.gradient_at(two, m.loss(), out_), Error);
    EXPECT_THROW(m.hessian_vector(m.loss(), two, out_), Error);
    EXPECT_THROW(m.gauss_newton_vector(m.loss(), w_, none), Error);
    EXPECT_THROW(m.example_gradient_norms(m.loss(), one), Error);
    EXPECT_THROW(m.example_gradient_squares(m.loss(), two), Error);
    EXPECT_THROW(m.jacobian_vector(w_, none), Error);
    EXPECT_THROW(m.vector_jacobian(w_, out_), Error);
    EXPECT_THROW(m.kronecker_factors(m.loss(), 0, out_, out_), Error) << "there is no layer";
    EXPECT_THROW(m.noise_gradient(m.loss(), none), Error) << "there is no site";
    EXPECT_THROW(m.variance_gradient(out_), Error);
  });
}

TEST_F(AtTest, VariancesAreRefusedInWords) {
  Objective& f = at(2);
  try {
    f.gradient({.variances = w_}, out_);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("does not take variances"), std::string::npos);
  }
}

class SampleTest : public AtTest {
 protected:
  TrialSnapshot snapshot() {
    return {problem_, team_, {.parameters = w_, .initial = start_, .random = Random(3)}};
  }
};

TEST_F(SampleTest, CountZeroIsTheWholePartInOrder) {
  TrialSnapshot s = snapshot();
  std::vector<std::size_t> sizes(2);
  Vector first(2);
  s.for_each_micro_batch({.size = 2, .count = 0}, [&](MicroBatch& m, std::size_t k) {
    sizes[k] = m.size();
    first[k] = m.outputs().values[0];
    EXPECT_EQ(m.place().count, 2U);
  });
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
  EXPECT_EQ(first, (Vector{1, 4}));
  // (2 * 5 + 32) / 3: the last micro-batch weighs what it is.
  s.mean_over(
      {.size = 2, .count = 0},
      [](MicroBatch& m, std::size_t, std::span<float> g) { m.gradient(m.loss(), g); }, out_);
  EXPECT_FLOAT_EQ(out_[0], 14);
}

// What a rehearsal asks: the first micro-batches of a mean, all of what is asked one by one.
TEST_F(SampleTest, AMeanMayStopAfterAFewMicroBatches) {
  TrialSnapshot s{
      problem_,
      team_,
      {.parameters = w_, .initial = start_, .random = Random(3), .most_micro_batches = 1}};
  std::size_t asked = 0;
  s.mean_over(
      {.size = 2, .count = 0},
      [&](MicroBatch& m, std::size_t, std::span<float> g) {
        ++asked;
        m.gradient(m.loss(), g);
      },
      out_);
  EXPECT_EQ(asked, 1U);
  EXPECT_FLOAT_EQ(out_[0], 5);
  EXPECT_GT(s.seconds_left_out(), 0);
  asked = 0;
  s.for_each_micro_batch({.size = 2, .count = 0}, [&](MicroBatch&, std::size_t k) { asked += k; });
  EXPECT_EQ(asked, 1U);
}

TEST_F(SampleTest, MayBeAskedElsewhere) {
  TrialSnapshot s = snapshot();
  const Vector two{2};
  const Sample there{.size = 3, .count = 0, .at = {.parameters = two, .draw = At::no_noise}};
  s.for_each_micro_batch(
      there, [](MicroBatch& m, std::size_t) { EXPECT_DOUBLE_EQ(m.value(m.loss()), 28); });
  s.for_each_micro_batch({.size = 3, .count = 0}, [](MicroBatch& m, std::size_t) {
    EXPECT_DOUBLE_EQ(m.value(m.loss()), 7);
  });
}

TEST_F(SampleTest, RefusesWhatItCannotHave) {
  TrialSnapshot s = snapshot();
  const auto nothing = [](MicroBatch&, std::size_t) {};
  EXPECT_THROW(s.for_each_micro_batch({.size = 1, .count = 1, .part = Part::test}, nothing), Error);
  EXPECT_THROW(s.for_each_micro_batch({.size = 1, .count = 0, .part = Part::validation}, nothing),
               Error);
  EXPECT_THROW(s.for_each_micro_batch({.size = 2, .count = 2}, nothing), Error);
  EXPECT_THROW(s.for_each_micro_batch({.size = 1, .count = 1, .ones = true}, nothing), Error);
  const Vector two(2);
  EXPECT_THROW(s.for_each_micro_batch({.size = 1, .count = 1, .at = {.parameters = two}}, nothing),
               Error);
  EXPECT_EQ(s.posterior(), nullptr);
}

}  // namespace
}  // namespace gapbench::train
