// Questions under variances of the weights of real networks: the same draw however the batch is cut and on any
// number of threads, what they count, and what they leave of other questions.
#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "gapbench/error.h"
#include "gapbench/numeric.h"
#include "plugin/registry.h"
#include "train/objective.h"
#include "train/problems.h"

namespace gapbench::train {
namespace {

using Vector = std::vector<float>;

class Variances : public ::testing::Test {
 protected:
  Variances() {
    TrialSettings s;
    s.data.set = {"synthetic10",
                  {{"examples", std::int64_t{64}}, {"test_examples", std::int64_t{8}}}};
    s.network = {"lenet5", {}};
    problem_ = load_problem(s, plugin::Registry(), "").problem;
    for (const TensorInfo& t : problem_->tensors()) w_.resize(t.offset + t.size);
    problem_->initialize(Random(1), w_);
    variances_.assign(w_.size(), 0.003F);
    batch_.resize(24);
    std::iota(batch_.begin(), batch_.end(), 0U);
  }

  struct Answer {
    double value = 0;
    Vector by_mean, by_variance;
    PassCounts counts;
  };
  Answer ask(std::uint64_t draw, std::size_t micro_batch = 8, std::size_t threads = 2) {
    Team team(*problem_, threads, w_.size(), micro_batch);
    Objective f(*problem_, team, penalties_, micro_batch, false, Random(1), w_);
    f.begin({.examples = batch_});
    Answer a{0, Vector(w_.size()), Vector(w_.size()), {}};
    a.value = f.gradient({.variances = variances_, .draw = draw}, a.by_mean, a.by_variance);
    a.counts = team.counts();
    return a;
  }

  static double distance(Vector a, std::span<const float> b) {
    const double size = std::sqrt(dot(b, b));
    add_scaled(-1, b, a);
    return std::sqrt(dot(a, a)) / size;
  }

  std::unique_ptr<const Problem> problem_;
  std::vector<Penalty> penalties_;
  Vector w_;
  Vector variances_;
  std::vector<std::uint32_t> batch_;
};

TEST_F(Variances, AreOneDrawHoweverTheBatchIsCut) {
  const Answer whole = ask(3);
  const Answer cut = ask(3, 5);
  EXPECT_NEAR(cut.value, whole.value, 1e-6 * whole.value);
  EXPECT_LT(distance(cut.by_mean, whole.by_mean), 1e-5);
  EXPECT_LT(distance(cut.by_variance, whole.by_variance), 1e-5);
  const Answer alone = ask(3, 8, 1);
  EXPECT_EQ(alone.by_mean, whole.by_mean) << "bits on one thread";
  EXPECT_EQ(alone.by_variance, whole.by_variance);
  const Answer other = ask(4);
  EXPECT_GT(distance(other.by_mean, whole.by_mean), 0.01);
}

TEST_F(Variances, CountTwice) {
  const Answer a = ask(0);
  EXPECT_EQ(a.counts.forward, 48);
  EXPECT_EQ(a.counts.backward, 48);
}

TEST_F(Variances, LeavePlainQuestionsAsTheyAre) {
  Team team(*problem_, 2, w_.size(), 8);
  Objective f(*problem_, team, penalties_, 8, false, Random(1), w_);
  f.begin({.examples = batch_});
  Vector before(w_.size());
  Vector after(w_.size());
  Vector product(w_.size());
  Vector again(w_.size());
  const double value = f.gradient(before);
  f.hessian_vector(before, product);
  f.gradient({.variances = variances_}, again, {});
  EXPECT_GT(distance(again, before), 1e-3);
  EXPECT_EQ(f.gradient(after), value);
  EXPECT_EQ(after, before);
  f.hessian_vector(before, again);
  EXPECT_EQ(again, product);
  const Vector none(w_.size());
  f.gradient({.variances = none}, again, {});
  EXPECT_EQ(again, before) << "variances of 0";
}

// dF/ds in the direction of all variances against a difference at the same draw.
TEST_F(Variances, GradientFitsValuesAtOneDraw) {
  const Answer a = ask(2);
  Team team(*problem_, 2, w_.size(), 8);
  Objective f(*problem_, team, penalties_, 8, false, Random(1), w_);
  f.begin({.examples = batch_});
  constexpr double h = 3e-5;
  const auto value = [&](double step) {
    Vector s = variances_;
    for (float& v : s) v += static_cast<float>(step);
    return f.value({.variances = s, .draw = 2});
  };
  double slope = 0;
  for (const float g : a.by_variance) slope += g;
  EXPECT_NEAR((value(h) - value(-h)) / (2 * h), slope, 0.01 * std::abs(slope));
}

TEST_F(Variances, ThatOthersCannotAnswerAreRefused) {
  Team team(*problem_, 1, w_.size(), 8);
  Objective f(*problem_, team, penalties_, 8, false, Random(1), w_);
  f.begin({.examples = batch_});
  Vector out(w_.size());
  EXPECT_THROW(f.hessian_vector({.variances = variances_}, w_, out), Error);
  EXPECT_THROW(f.mean_over(
                   {.variances = variances_}, 0,
                   [](MicroBatch& m, std::size_t, std::span<float> term) {
                     std::vector<double> norms(m.size());
                     m.example_gradient_norms(m.loss(), norms);
                     term[0] = 0;
                   },
                   std::span(out).first(1)),
               Error);
}

}  // namespace
}  // namespace gapbench::train
