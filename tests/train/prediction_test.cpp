// Predictions averaged over draws, by hand: two classes, two examples, outputs given draw by draw.
#include <gmock/gmock.h>

#include <array>
#include <cmath>

#include "gapbench/error.h"
#include "plugins/product_problem.h"
#include "train/outcome.h"
#include "train/prediction.h"

namespace gapbench::train {
namespace {

constexpr std::size_t examples = 2;

/// Outputs are (w_i, 0) for example i of any part, (-w_i, 0) under its second shift; labels 0, 1, or
/// targets 1, 2.
class Direct final : public Problem {
 public:
  explicit Direct(bool labelled, double deviation = 0, std::size_t count = train::examples)
      : labelled_(labelled), count_(count), scales_{3}, gaussian_(deviation > 0 ? deviation : 1) {
    likely_ = deviation > 0;
  }
  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return labelled_ ? 2 : 1; }
  std::size_t examples(Part part) const noexcept override {
    return part == Part::validation ? 0 : count_;
  }
  const Head& loss() const noexcept override {
    if (labelled_) return cross_entropy_;
    return likely_ ? static_cast<const Head&>(gaussian_) : squared_error_;
  }
  void initialize(Random, std::span<float> w) const override { std::ranges::fill(w, 0.0F); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {}; }
  std::span<const double> target_scales() const noexcept override {
    return labelled_ ? std::span<const double>() : scales_;
  }

 private:
  bool labelled_;
  bool likely_ = false;
  std::size_t count_;
  std::vector<TensorInfo> tensors_{{"w", TensorKind::weight, {2}, 0, 2}};
  std::vector<double> scales_;
  CrossEntropy cross_entropy_;
  SquaredError squared_error_;
  Gaussian gaussian_;
};

class DirectPasses final : public Passes {
 public:
  DirectPasses(bool labelled, std::size_t capacity)
      : width_(labelled ? 2 : 1),
        z_(2 * capacity),
        labels_(labelled ? capacity : 0),
        targets_(labelled ? 0 : capacity) {}
  Outputs forward(const Point& w, const Examples& asked, Mode) override {
    const std::size_t n = asked.indices.size();
    std::ranges::fill(z_, 0.0F);
    for (std::size_t i = 0; i < n; ++i) {
      z_[i * width_] = (asked.shift == 2 ? -1.0F : 1.0F) * w.values()[asked.indices[i]];
      if (!labels_.empty()) labels_[i] = static_cast<std::int32_t>(asked.indices[i]);
      if (!targets_.empty()) targets_[i] = static_cast<float>(1 + asked.indices[i]);
    }
    const auto some = [&](auto& x, std::size_t count) {
      return std::span(x).first(std::min(count, x.size()));
    };
    return {n, width_, some(z_, n * width_), some(labels_, n), some(targets_, n)};
  }
  void backward(std::span<const float>, std::span<float>) override {}
  std::span<const float> tangent_forward(const Point&) override { return z_; }
  void tangent_backward(std::span<const float>, std::span<float>) override {}

 private:
  std::size_t width_;
  std::vector<float> z_;
  std::vector<std::int32_t> labels_;
  std::vector<float> targets_;
};

std::unique_ptr<Passes> Direct::make_passes(std::size_t capacity) const {
  return std::make_unique<DirectPasses>(labelled_, capacity);
}

/// Draws as they are given; a chain where it says so.
class Given final : public Posterior {
 public:
  explicit Given(std::vector<std::array<float, 2>> draws, bool chain = false)
      : draws_(std::move(draws)), chain_(chain) {}
  void draw(std::size_t k, Random, std::span<float> w) const override {
    std::ranges::copy(draws_.at(k), w.begin());
  }
  std::size_t size() const noexcept override { return chain_ ? draws_.size() : 0; }
  std::optional<double> noise_deviation() const override { return deviation; }
  std::optional<double> deviation;

 private:
  std::vector<std::array<float, 2>> draws_;
  bool chain_;
};

PartPrediction on_test(const Problem& problem, const Posterior* posterior, std::size_t draws,
                       std::size_t threads = 1) {
  Team team(problem, threads, 2, 32);
  const std::vector<float> point{0, 0};
  PredictionPlan plan{.posterior = posterior, .draws = draws, .random = Random(1)};
  plan.parameters = point;
  const std::array parts{Part::test, Part::validation};
  auto scores = predict(problem, team, plan, parts);
  EXPECT_FALSE(scores[1]);
  return scores[0].value();
}

const float log3 = std::log(3.0F);

// softmax(log 3, 0) = (3/4, 1/4) and softmax(-log 3, 0) = (1/4, 3/4). Example 0 of class 0: draws give
// it 3/4, 3/4. Example 1 of class 1: 3/4 and 1/4, on average (1/2, 1/2), a tie that goes to class 0.
TEST(Prediction, AveragedByHand) {
  const Direct problem(true);
  const Given posterior({{log3, -log3}, {log3, log3}});
  const PartPrediction p = on_test(problem, &posterior, 2);
  EXPECT_EQ(p.examples, 2U);
  EXPECT_EQ(p.draws, 2U);
  EXPECT_NEAR(*p.nll, (std::log(4.0 / 3) + std::log(2.0)) / 2, 1e-7);
  EXPECT_EQ(*p.accuracy, 0.5);
  EXPECT_NEAR(*p.brier, (2 / 16.0 + 0.5) / 2, 1e-7);
  // Confidence 3/4 lies in bin 12 and is right, 1/2 in bin 8 and wrong.
  EXPECT_NEAR(*p.ece, (0.25 + 0.5) / 2, 1e-7);
  ASSERT_EQ(p.bins.size(), 15U);
  for (std::size_t b = 0; b < 15; ++b) EXPECT_EQ(p.bins[b].examples, b == 11 || b == 7 ? 1U : 0U);
  EXPECT_NEAR(p.bins[11].confidence, 0.75, 1e-7);
  EXPECT_EQ(p.bins[11].accuracy, 1);
  EXPECT_NEAR(p.bins[7].confidence, 0.5, 1e-7);
  EXPECT_EQ(p.bins[7].accuracy, 0);
  const double h = -0.75 * std::log(0.75) - 0.25 * std::log(0.25);
  EXPECT_NEAR(*p.entropy, (h + std::log(2.0)) / 2, 1e-7);
  EXPECT_NEAR(*p.mutual_information, (std::log(2.0) - h) / 2, 1e-7);
  EXPECT_NEAR(*p.gibbs_loss, (3 * std::log(4.0 / 3) + std::log(4.0)) / 4, 1e-7);
  EXPECT_EQ(*p.gibbs_error, 0.25);
  EXPECT_FALSE(p.rmse);
}

// Both are right at 3/4; under the second shift both are wrong, at 3/4 again.
TEST(Prediction, UnderAShift) {
  const Direct problem(true);
  Team team(problem, 1, 2, 32);
  const std::vector<float> point{log3, -log3};
  const std::array<std::uint32_t, 2> shifts{1, 2};
  PredictionPlan plan{.random = Random(1), .parameters = point, .shifts = shifts};
  const std::array parts{Part::validation, Part::test};
  const auto scores = predict(problem, team, plan, parts);
  ASSERT_EQ(scores.size(), 4U);
  EXPECT_FALSE(scores[0]);
  EXPECT_EQ(scores[1]->accuracy, 1);
  EXPECT_EQ(scores[2]->accuracy, 1);
  EXPECT_EQ(scores[2]->nll, scores[1]->nll);
  EXPECT_EQ(scores[3]->accuracy, 0);
  EXPECT_NEAR(*scores[3]->nll, std::log(4.0), 1e-6);
  EXPECT_NEAR(*scores[3]->ece, 0.75, 1e-6);
  EXPECT_EQ(scores[3]->entropy, scores[1]->entropy);
}

// Example 1 alone, as if it were of an unseen class.
TEST(Prediction, BehindTheTestPart) {
  const Direct problem(true, 0, 1);
  Team team(problem, 1, 2, 32);
  const std::vector<float> point{log3, 0};
  PredictionPlan plan{.random = Random(1), .parameters = point, .unseen = 1};
  const std::array parts{Part::test};
  const auto scores = predict(problem, team, plan, parts);
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0]->examples, 1U);
  EXPECT_EQ(scores[1]->examples, 1U);
  EXPECT_NEAR(*scores[0]->entropy, -0.75 * std::log(0.75) - 0.25 * std::log(0.25), 1e-7);
  EXPECT_NEAR(*scores[1]->entropy, std::log(2.0), 1e-7);
}

TEST(Prediction, APointIsOneDraw) {
  const PartPrediction p = on_test(Direct(true), nullptr, 7);
  EXPECT_EQ(p.draws, 1U);
  EXPECT_NEAR(*p.nll, std::log(2.0), 1e-12);
  EXPECT_NEAR(*p.gibbs_loss, std::log(2.0), 1e-12);
  EXPECT_NEAR(*p.mutual_information, 0, 1e-12);
}

// One draw is certain and wrong by 2,000 nats, the other certain and right: -log (1/2).
TEST(Prediction, NeitherOverflowsNorUnderflows) {
  const Given posterior({{2000, -2000}, {-2000, -2000}});
  EXPECT_NEAR(*on_test(Direct(true), &posterior, 2).nll, std::log(2.0) / 2, 1e-9);
}

// Targets 1 and 2; draws (1, 2) and (3, 6) average to (2, 4): misses 1 and 2, three units each.
TEST(Prediction, RegressionInItsOwnUnits) {
  Given posterior({{1, 2}, {3, 6}});
  const PartPrediction p = on_test(Direct(false), &posterior, 2);
  EXPECT_NEAR(*p.rmse, 3 * std::sqrt((1 + 4) / 2.0), 1e-6);
  EXPECT_NEAR(*p.gibbs_loss, (0 + 0 + 4 + 16) / 4.0, 1e-6);
  EXPECT_FALSE(p.nll) << "squared error is no likelihood";
  EXPECT_FALSE(p.accuracy);
  EXPECT_TRUE(p.bins.empty());
  posterior.deviation = 2;
  const double constant = std::log(2.0) + std::log(2 * M_PI) / 2 + std::log(3.0);
  const double mean0 = -std::log((1 + std::exp(-4 / 8.0)) / 2);
  const double mean1 = -std::log((1 + std::exp(-16 / 8.0)) / 2);
  EXPECT_NEAR(*on_test(Direct(false), &posterior, 2).nll, (mean0 + mean1) / 2 + constant, 1e-6);
  posterior.deviation.reset();
  EXPECT_NEAR(*on_test(Direct(false, 2), &posterior, 2).nll, (mean0 + mean1) / 2 + constant, 1e-6);
}

// Of six states three: the 2nd, 4th and 6th; a chain of two gives two.
TEST(Prediction, DrawsOfAChainAreSpread) {
  std::vector<std::array<float, 2>> states;
  for (int k = 1; k <= 6; ++k) states.push_back({static_cast<float>(k), 0});
  const PartPrediction p = on_test(Direct(false), std::make_unique<Given>(states, true).get(), 3);
  EXPECT_EQ(p.draws, 3U);
  EXPECT_NEAR(*p.gibbs_loss, ((1 + 9 + 25) / 3.0 + 4) / 2, 1e-6);
  states.resize(2);
  EXPECT_EQ(on_test(Direct(false), std::make_unique<Given>(states, true).get(), 3).draws, 2U);
}

// z = a b x: around the center c = (2, 3) a draw w predicts z(c) + J (w - c) = x (6 + 3 (a - 2) + 2 (b -
// 3)), the parts examples x = 1 and 2 with target 0. Draws (3, 3) and (2, 5): 9 x and 10 x.
TEST(Prediction, LinearizedByHand) {
  class Around final : public Posterior {
   public:
    void draw(std::size_t k, Random, std::span<float> w) const override {
      w[0] = k == 0 ? 3 : 2;
      w[1] = k == 0 ? 3 : 5;
    }
    Prediction prediction() const noexcept override { return Prediction::linearized; }
    std::span<const float> center() const noexcept override { return center_; }
    std::vector<float> center_{2, 3};
  };
  const test::ProductProblem problem({{1, 0}, {2, 0}});
  Around around;
  Team team(problem, 1, 2, 32);
  const std::vector<float> elsewhere{7, 7};
  PredictionPlan plan{.posterior = &around, .draws = 2, .random = Random(1)};
  plan.parameters = elsewhere;
  const std::array parts{Part::test};
  const auto on_center = predict(problem, team, plan, parts)[0].value();
  EXPECT_NEAR(*on_center.gibbs_loss, (81 + 324 + 100 + 400) / 4.0, 1e-5);
  EXPECT_NEAR(*on_center.rmse, 9.5 * std::sqrt(2.5), 1e-5);
  EXPECT_EQ(team.counts().forward, 4);
  EXPECT_EQ(team.counts().tangent_forward, 4);
  // Without a center of its own, around the point.
  around.center_.clear();
  plan.parameters = std::span<const float>(elsewhere);
  const auto on_point = predict(problem, team, plan, parts)[0].value();
  const double first = 49 + 7 * (3 - 7) + 7 * (3 - 7);   // -7
  const double second = 49 + 7 * (2 - 7) + 7 * (5 - 7);  // 0
  EXPECT_NEAR(*on_point.rmse, std::abs(first + second) / 2 * std::sqrt(2.5), 1e-5);
}

TEST(Prediction, RefusesADrawThatIsNotFinite) {
  const Given posterior({{NAN, 0}});
  EXPECT_THROW(on_test(Direct(true), &posterior, 1), Error);
}

}  // namespace
}  // namespace gapbench::train
