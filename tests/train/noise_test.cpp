// The noise of a step: one for all questions, however the batch is cut and whoever computes.
#include "train/noise.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

#include "gapbench/error.h"
#include "gapbench/gradient_penalty.h"
#include "gapbench/numeric.h"
#include "plugin/registry.h"
#include "train/evaluation.h"
#include "train/objective.h"
#include "train/problems.h"

namespace gapbench::train {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using Vector = std::vector<float>;

/// f = low or high with equal chances, at one site or at all.
class CoinNoise final : public Regularizer {
 public:
  explicit CoinNoise(float low = 0.5F, float high = 1.5F, std::string site = "")
      : low_(low), high_(high), site_(std::move(site)) {}
  void multiply_noise(const NoiseSite&, Random random, std::span<float> factors) const override {
    for (float& f : factors) f *= random.uniform() < 0.5 ? low_ : high_;
  }
  bool disturbs(const NoiseSite& site) const override {
    return site_.empty() || site.name == site_;
  }

 private:
  float low_;
  float high_;
  std::string site_;
};

/// x <- scale x + u, u uniform in [0, 1).
class ShiftedData final : public Regularizer {
 public:
  explicit ShiftedData(float scale) : scale_(scale) {}
  void change_input(Shape, Random random, std::span<float> input) const override {
    for (float& x : input) x = scale_ * x + static_cast<float>(random.uniform());
  }

 private:
  float scale_;
};

class Ridge final : public Regularizer {
 public:
  double penalize_parameters(const Parameters&, std::span<float>) const override { return 0; }
};

class SquaredGradient final : public Regularizer {
 public:
  explicit SquaredGradient(std::int64_t micro_batch)
      : penalty_(Options::resolve("penalty", GradientPenalty::options,
                                  {{"lambda", 1.0}, {"micro_batch", micro_batch}})) {}
  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    return penalty_.add(m, m.loss(), gradient);
  }

 private:
  GradientPenalty penalty_;
};

TrialSettings settings(const char* network) {
  TrialSettings s;
  s.data.set = {"synthetic10",
                {{"examples", std::int64_t{64}}, {"test_examples", std::int64_t{8}}}};
  s.network = {network, {}};
  return s;
}

class NoiseTest : public ::testing::Test {
 protected:
  NoiseTest() {
    for (const TensorInfo& t : problem_->tensors()) w_.resize(t.offset + t.size);
    problem_->initialize(Random(1), w_);
    std::iota(batch_.begin(), batch_.end(), 0U);
  }

  void add_noise(const char* site = "") {
    penalties_.push_back({std::make_unique<CoinNoise>(0.5F, 1.5F, site), hook_noise});
  }
  void add_penalty(std::int64_t micro_batch) {
    penalties_.push_back({std::make_unique<SquaredGradient>(micro_batch), hook_micro_batch});
  }

  struct Answer {
    double value = 0;
    Vector gradient;
  };
  Answer ask(std::size_t micro_batch, std::size_t threads, std::uint64_t step = 0) {
    Team team(*problem_, threads, w_.size(), micro_batch);
    Objective f(*problem_, team, penalties_, micro_batch, false, Random(1), w_);
    f.begin({.index = step, .examples = batch_});
    Answer answer{0, Vector(w_.size())};
    answer.value = f.gradient(answer.gradient);
    EXPECT_NEAR(f.value_at(w_), answer.value, 1e-9 * answer.value);
    return answer;
  }

  std::unique_ptr<const Problem> problem_ =
      load_problem(settings("lenet5"), plugin::Registry(), "").problem;
  std::vector<Penalty> penalties_;
  Vector w_;
  std::vector<std::uint32_t> batch_ = std::vector<std::uint32_t>(24);
};

TEST_F(NoiseTest, OfSeveralRegularizersMultiplies) {
  const auto drawn = [&] {
    StepNoise noise(problem_->noise_sites(), penalties_, Random(1));
    noise.at(3, 0);
    Vector both[2] = {Vector(120), Vector(84)};
    for (std::size_t site = 0; site < 2; ++site) noise.factors(site, 7, both[site]);
    return std::pair(both[0], both[1]);
  };
  penalties_.push_back({std::make_unique<CoinNoise>(0.5F, 2.0F), hook_noise});
  const auto one = drawn();
  EXPECT_NE(Vector(one.first.begin(), one.first.begin() + 84), one.second);
  penalties_.push_back({std::make_unique<CoinNoise>(3.0F, 3.0F, "hidden2"), hook_noise});
  auto two = drawn();
  EXPECT_EQ(two.first, one.first);
  for (float& f : two.second) f /= 3;
  EXPECT_EQ(two.second, one.second);
  // A regularizer without noise takes no key away.
  penalties_.insert(penalties_.begin(), {std::make_unique<Ridge>(), hook_parameters});
  EXPECT_EQ(drawn().first, one.first);
}

TEST_F(NoiseTest, OfTheDataDependsOnStepDrawAndExampleOnly) {
  penalties_.push_back({std::make_unique<Ridge>(), hook_parameters});
  penalties_.push_back({std::make_unique<ShiftedData>(1.0F), hook_inputs});
  StepNoise noise(problem_->noise_sites(), penalties_, Random(1));
  const auto drawn = [&](std::uint64_t step, std::uint64_t draw, std::uint32_t example) {
    EXPECT_EQ(noise.at(step, draw), &noise);
    EXPECT_TRUE(noise.changes_inputs());
    Vector x(12);
    noise.input(example, {2, 2, 3}, x);
    return x;
  };
  const Vector one = drawn(3, 0, 7);
  EXPECT_NE(drawn(4, 0, 7), one);
  EXPECT_NE(drawn(3, 1, 7), one);
  EXPECT_NE(drawn(3, 0, 8), one);
  EXPECT_EQ(drawn(3, 0, 7), one);
  Vector by_hand(12);
  ShiftedData(1).change_input({}, Random(1).at("inputs", 3, 0).at("example", 7), by_hand);
  EXPECT_EQ(one, by_hand);
  EXPECT_EQ(noise.at(3, At::no_noise), nullptr);
  EXPECT_FALSE(noise.changes_inputs());
  // A second one changes what the first has left, with a key of its own.
  penalties_.push_back({std::make_unique<ShiftedData>(10.0F), hook_inputs});
  ShiftedData(10).change_input({}, Random(1).at("inputs", 3, 1).at("example", 7), by_hand);
  EXPECT_EQ(drawn(3, 0, 7), by_hand);
  // Predictions under noise see the inputs as they are.
  noise.leave_inputs();
  EXPECT_EQ(noise.at(3, 0), nullptr);
}

// The same however the batch is cut and whoever computes: one example's input does not depend on its
// neighbours.
TEST_F(NoiseTest, OfTheDataIsSeenByEveryQuestionOfAStep) {
  const Answer plain = ask(24, 1);
  penalties_.push_back({std::make_unique<ShiftedData>(1.0F), hook_inputs});
  const Answer whole = ask(24, 1);
  EXPECT_GT(std::abs(whole.value - plain.value), 1e-3);
  const Answer cut = ask(8, 1);
  EXPECT_NEAR(cut.value, whole.value, 1e-5);
  EXPECT_EQ(ask(8, 3).gradient, cut.gradient);
  EXPECT_NE(ask(8, 1, 1).gradient, cut.gradient);
}

TEST_F(NoiseTest, DependsOnStepAndExampleOnly) {
  add_noise();
  StepNoise noise(problem_->noise_sites(), penalties_, Random(1));
  const auto drawn = [&](std::uint64_t step, std::uint32_t example) {
    EXPECT_EQ(noise.at(step, 0), &noise);
    Vector f(120);
    noise.factors(0, example, f);
    return f;
  };
  const Vector first = drawn(0, 5);
  EXPECT_THAT(first, ::testing::Contains(0.5F));
  EXPECT_THAT(first, ::testing::Contains(1.5F));
  EXPECT_NE(drawn(1, 5), first);
  EXPECT_NE(drawn(0, 6), first);
  EXPECT_EQ(drawn(0, 5), first);
}

TEST_F(NoiseTest, IsNoneWhereNobodyMakesIt) {
  add_penalty(0);
  StepNoise noise(problem_->noise_sites(), penalties_, Random(1));
  EXPECT_EQ(noise.at(0, 0), nullptr);
}

// Sums in other orders, but the same factors: another draw would move the loss in its second digit.
TEST_F(NoiseTest, DoesNotDependOnHowTheBatchIsCut) {
  const double plain = ask(8, 1).value;
  add_noise();
  const Answer by_eights = ask(8, 1);
  EXPECT_GT(std::abs(by_eights.value - plain), 1e-3);
  for (const std::size_t micro_batch : {1U, 5U, 24U}) {
    const Answer cut = ask(micro_batch, 1);
    EXPECT_NEAR(cut.value, by_eights.value, 1e-6) << micro_batch;
  }
  EXPECT_GT(std::abs(ask(8, 1, 1).value - by_eights.value), 1e-3) << "another step, other noise";
}

TEST_F(NoiseTest, GivesTheSameBitsOnAnyNumberOfThreads) {
  add_noise();
  add_penalty(0);
  const Answer one = ask(4, 1);
  const Answer two = ask(4, 2);
  EXPECT_EQ(one.value, two.value);
  EXPECT_EQ(one.gradient, two.gradient);
}

// The value is differentiated with its noise held still: loss and penalty, on the trial's
// micro-batches and on groups of several of them.
TEST_F(NoiseTest, IsTheSameForEveryQuestionOfAStep) {
  for (const std::int64_t group : {0, 4, 16}) {
    penalties_.clear();
    add_noise();
    add_penalty(group);
    const Answer here = ask(8, 2);
    const double length = std::sqrt(dot(here.gradient, here.gradient));
    const Vector w = w_;
    const double h = 0.003 * here.value / length;
    add_scaled(h / length, here.gradient, w_);
    const double above = ask(8, 2).value;
    w_ = w;
    add_scaled(-h / length, here.gradient, w_);
    const double below = ask(8, 2).value;
    w_ = w;
    EXPECT_NEAR((above - below) / (2 * h), length, 3e-3 * length) << group;
  }
}

TEST_F(NoiseTest, ReachesSingleExamplesToo) {
  add_noise();
  batch_.resize(3);
  Team team(*problem_, 1, w_.size(), 3);
  Objective f(*problem_, team, penalties_, 3, false, Random(1), w_);
  f.begin({.examples = batch_});
  std::vector<double> norms(3);
  f.for_each_micro_batch(
      [&](MicroBatch& m, std::size_t) { m.example_gradient_norms(m.loss(), norms); });
  Objective alone(*problem_, team, penalties_, 1, false, Random(1), w_);
  alone.begin({.examples = batch_});
  alone.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    Vector g(w_.size());
    m.gradient(m.loss(), g);
    EXPECT_NEAR(norms[k], dot(g, g), 1e-4 * norms[k]) << k;
  });
}

// Evaluation and a training pass without noise, after the workers have made room for noise.
TEST_F(NoiseTest, LeavesNothingBehind) {
  const auto point = problem_->make_point();
  point->assign(w_);
  const auto seen = [&](Team& team) {
    const Examples examples{Part::train, batch_};
    const double loss = evaluate(*problem_, team, *point, Part::train).loss;
    Vector outputs;
    team.for_each(1, [&](Slot& slot, std::size_t) {
      const Outputs z = slot.passes->forward(*point, examples, Mode::training);
      outputs.assign(z.values.begin(), z.values.end());
    });
    return std::pair(loss, outputs);
  };
  Team fresh(*problem_, 1, w_.size(), 32);
  const auto expected = seen(fresh);
  add_noise();
  Team team(*problem_, 1, w_.size(), 32);
  for (const std::size_t micro_batch : {24U, 32U}) {
    batch_.resize(micro_batch, 40U);
    Objective f(*problem_, team, penalties_, micro_batch, false, Random(1), w_);
    f.begin({.examples = batch_});
    Vector g(w_.size());
    f.gradient(g);
  }
  batch_.resize(24);
  EXPECT_EQ(seen(team), expected);
}

TEST_F(NoiseTest, MustReachSomeSite) {
  const auto message = [](const char* site, std::span<const NoiseSite> sites) -> std::string {
    const Penalty penalty{std::make_unique<CoinNoise>(0.5F, 1.5F, site), hook_noise};
    try {
      require_noise_sites("coin", penalty, "net", sites);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_EQ(message("", problem_->noise_sites()), "");
  EXPECT_EQ(message("hidden2", problem_->noise_sites()), "");
  EXPECT_EQ(message("hidden3", problem_->noise_sites()),
            "coin: acts on none of the noise sites of net: hidden1, hidden2");
  EXPECT_THAT(message("", {}), HasSubstr("coin: net has no noise sites to act on; networks that "
                                         "have some: cnn3, "));
  EXPECT_THAT(message("", {}), ::testing::Not(HasSubstr(" resnet8")));
  const Penalty quiet{std::make_unique<Ridge>(), hook_parameters};
  EXPECT_NO_THROW(require_noise_sites("l2", quiet, "net", {}));
}

// Draw 0 is what a question without At sees; others differ, repeat, and do not depend on the cut.
TEST_F(NoiseTest, HasAsManyDrawsAsAreAskedFor) {
  const double plain = ask(8, 1).value;
  add_noise();
  const auto value_at = [&](std::size_t micro_batch, std::uint64_t draw) {
    Team team(*problem_, 2, w_.size(), micro_batch);
    Objective f(*problem_, team, penalties_, micro_batch, false, Random(1), w_);
    f.begin({.examples = batch_});
    Vector g(w_.size());
    const double value = f.gradient({.draw = draw}, g);
    EXPECT_EQ(f.value({.draw = draw}), value);
    return value;
  };
  const double own = ask(8, 1).value;
  EXPECT_EQ(value_at(8, 0), own);
  EXPECT_EQ(value_at(8, At::no_noise), plain);
  const double first = value_at(8, 1);
  EXPECT_GT(std::abs(first - own), 1e-3);
  EXPECT_GT(std::abs(first - value_at(8, 2)), 1e-3);
  EXPECT_EQ(value_at(8, 1), first);
  EXPECT_NEAR(value_at(5, 1), first, 1e-6);
}

// The mean over draws of the loss's slope along one factor, on one example against differences; with
// nobody making noise the factors are 1.
TEST_F(NoiseTest, FactorsCanBeVariedWithoutAnybodyMakingNoise) {
  batch_.resize(3);
  Team team(*problem_, 1, w_.size(), 3);
  Objective f(*problem_, team, penalties_, 3, false, Random(1), w_);
  f.begin({.examples = batch_});
  f.for_each_micro_batch([&](MicroBatch& m, std::size_t) {
    ASSERT_EQ(m.noise_sites().size(), 2U);
    Vector by_factors(3 * 204), g(w_.size()), product(w_.size()), u(3 * 204, 1.0F),
        again(w_.size());
    m.gradient(m.loss(), g);
    m.noise_gradient(m.loss(), by_factors);
    // All factors of the last site scale what the output layer's weights see: sum_i sum_e x dy =
    // sum of w dw over that layer's weights.
    double by_weights = 0;
    const TensorInfo& last = problem_->tensors()[problem_->tensors().size() - 2];
    for (std::size_t p = last.offset; p < last.offset + last.size; ++p) by_weights += g[p] * w_[p];
    double sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t e = 120; e < 204; ++e) sum += by_factors[i * 204 + e] / 3;
    }
    EXPECT_NEAR(sum, by_weights, 1e-4 * std::abs(by_weights) + 1e-6);
    // Scaling the last site's factors alone by t is scaling those weights by t: d/dt of the gradient
    // is H v + (the part of g that scales), with v = w on that layer.
    Vector v(w_.size());
    for (std::size_t p = last.offset; p < last.offset + last.size; ++p) v[p] = w_[p];
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t e = 0; e < 120; ++e) u[i * 204 + e] = 0;
    }
    m.noise_hessian_vector(m.loss(), u, product);
    m.hessian_vector(m.loss(), v, again);
    for (std::size_t p = last.offset; p < last.offset + last.size; ++p) again[p] += g[p];
    double error = 0;
    for (std::size_t p = 0; p < product.size(); ++p) {
      error += (double{product[p]} - again[p]) * (double{product[p]} - again[p]);
    }
    EXPECT_LT(std::sqrt(error), 1e-5 * std::sqrt(dot(again, again)));
    m.hessian_vector(m.loss(), v, product);
    m.gradient(m.loss(), g);
    EXPECT_NE(dot(product, product), 0);
  });
}

}  // namespace
}  // namespace gapbench::train
