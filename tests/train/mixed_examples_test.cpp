// Mixed examples: their loss by hand, their partners, and the same for all questions of a step however
// the batch is cut and whoever computes.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "gapbench/error.h"
#include "gapbench/gradient_penalty.h"
#include "plugin/registry.h"
#include "train/evaluation.h"
#include "train/mixed_loss.h"
#include "train/objective.h"
#include "train/problems.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

using ::testing::HasSubstr;
using Vector = std::vector<float>;

struct Mixed {
  Vector z{std::log(3.0F), 0};
  std::vector<std::int32_t> labels{0}, partners{1};
  std::vector<double> shares{0.25};
  Outputs outputs() const { return {1, 2, z, labels, {}, 0, partners, shares}; }
};

// p = (3/4, 1/4), target (1/4, 3/4).
TEST(MixedLoss, OfCrossEntropyByHand) {
  const Mixed m;
  const CrossEntropy loss;
  const MixedLoss mixed(loss);
  Vector slope(2), moved(2), plain(2);
  const double expected = -0.25 * std::log(0.75) - 0.75 * std::log(0.25);
  EXPECT_NEAR(mixed.value(m.outputs(), slope), expected, 1e-7);
  EXPECT_NEAR(slope[0], 0.5, 1e-6);
  EXPECT_NEAR(slope[1], -0.5, 1e-6);
  std::vector<double> each(1);
  mixed.values(m.outputs(), each);
  EXPECT_NEAR(each[0], expected, 1e-7);
  mixed.curvature(m.outputs(), Vector{1, 0}, moved);
  EXPECT_NEAR(moved[0], 3.0 / 16, 1e-6);
  EXPECT_NEAR(moved[1], -3.0 / 16, 1e-6);
  EXPECT_FALSE(mixed.is_likelihood());
}

// (1, 0) against the one-hot vectors (1, 0) and (0, 1): 0 and 2.
TEST(MixedLoss, OfAnyHeadThatLooksAtLabels) {
  Mixed m;
  m.z = {1, 0};
  const SquaredError loss;
  Vector slope(2);
  EXPECT_EQ(MixedLoss(loss).value(m.outputs(), slope), 1.5);
  EXPECT_EQ(slope, (Vector{1.5F, -1.5F}));
}

TEST(MixedLoss, OfExamplesThatAreNotMixedIsTheLoss) {
  const Mixed m;
  const Outputs plain{1, 2, m.z, m.labels, {}};
  const CrossEntropy loss;
  Vector a(2), b(2);
  EXPECT_EQ(MixedLoss(loss).value(plain, a), loss.value(plain, b));
  EXPECT_EQ(a, b);
}

/// Leaves the input and says that `share` of the label stays.
class SharedLabel final : public Regularizer {
 public:
  explicit SharedLabel(double share) : share_(share) {}
  double mix_input(Shape, Random, std::span<const float>, std::span<float>) const override {
    return share_;
  }

 private:
  double share_;
};

/// x <- (x + other) / 2 + a keyed number below 1/8.
class HalfAndHalf final : public Regularizer {
 public:
  double mix_input(Shape, Random random, std::span<const float> other,
                   std::span<float> x) const override {
    const auto u = static_cast<float>(random.uniform() / 8);
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = (x[k] + other[k]) / 2 + u;
    return 0.5;
  }
};

/// x <- 2 x + u, u uniform in [0, 1).
class Doubled final : public Regularizer {
 public:
  void change_input(Shape, Random random, std::span<float> x) const override {
    for (float& v : x) v = 2 * v + static_cast<float>(random.uniform());
  }
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

/// The loss that is trained with, on micro-batches of a size of its own.
class LossAgain final : public Regularizer {
 public:
  explicit LossAgain(std::size_t micro_batch) : micro_batch_(micro_batch) {}
  std::size_t micro_batch() const noexcept override { return micro_batch_; }
  double penalize_micro_batch(MicroBatch& m, std::span<float> gradient) const override {
    if (gradient.empty()) return m.value(m.loss());
    const double value = m.gradient(m.loss(), m.scratch(0));
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += m.scratch(0)[i];
    return value;
  }

 private:
  std::size_t micro_batch_;
};

TrialSettings settings(const char* set, const char* network) {
  TrialSettings s;
  s.data.set = {set, {{"examples", std::int64_t{64}}, {"test_examples", std::int64_t{8}}}};
  s.network = {network, {}};
  return s;
}

class MixedExamples : public ::testing::Test {
 protected:
  MixedExamples() {
    train("lenet5");
    for (std::uint32_t i = 0; i < 24; ++i) batch_.push_back(63 - 2 * i);
  }

  void train(const char* network, const OptionMap& options = {}) {
    TrialSettings s = settings("synthetic10", network);
    s.network.options = options;
    problem_ = load_problem(s, plugin::Registry(), "").problem;
    w_.resize(dimension_of(*problem_));
    problem_->initialize(Random(1), w_);
  }

  template <class T, class... Args>
  void add(std::uint32_t hook, Args... args) {
    penalties_.push_back({std::make_unique<T>(args...), hook});
  }

  struct Answer {
    double value = 0;
    Vector gradient;
  };
  Answer ask(std::size_t micro_batch, std::size_t threads, std::uint64_t step = 0) {
    Team team(*problem_, threads, w_.size(), micro_batch);
    Objective f(*problem_, team, penalties_, micro_batch, true, Random(1), w_);
    f.begin({.index = step, .examples = batch_});
    Answer answer{0, Vector(w_.size())};
    answer.value = f.gradient(answer.gradient);
    EXPECT_NEAR(f.value_at(w_), answer.value, 1e-9 * answer.value);
    return answer;
  }

  std::unique_ptr<const Problem> problem_;
  std::vector<Penalty> penalties_;
  Vector w_;
  std::vector<std::uint32_t> batch_;
};

// l CE(y_i) + (1 - l) CE(y_j), example by example, with the outputs that nothing has changed.
TEST_F(MixedExamples, HaveTheLossOfBothLabels) {
  add<SharedLabel>(hook_mixing, 0.25);
  Team team(*problem_, 1, w_.size(), 8);
  Objective f(*problem_, team, penalties_, 8, false, Random(1), w_);
  f.begin({.index = 2, .examples = batch_});
  const std::vector<Penalty> nobody;
  Objective plain(*problem_, team, nobody, 8, false, Random(1), w_);
  plain.begin({.index = 2, .examples = batch_});
  std::vector<double> log_p(24 * 10);
  std::vector<std::int32_t> labels(24);
  plain.for_each_micro_batch([&](MicroBatch& m, std::size_t k) {
    const Outputs z = m.outputs();
    for (std::size_t i = 0; i < z.examples; ++i) {
      double sum = 0;
      for (std::size_t c = 0; c < 10; ++c) sum += std::exp(double{z.values[i * 10 + c]});
      for (std::size_t c = 0; c < 10; ++c) {
        log_p[(8 * k + i) * 10 + c] = z.values[i * 10 + c] - std::log(sum);
      }
      labels[8 * k + i] = z.labels[i];
    }
  });
  double expected = 0;
  int others = 0;
  for (std::size_t i = 0; i < 24; ++i) {
    const std::size_t j = Random(1).at("mixing", 2, 0).at("partner", batch_[i]).below(24);
    const auto l_i = static_cast<std::size_t>(labels[i]);
    const auto l_j = static_cast<std::size_t>(labels[j]);
    expected -= (0.25 * log_p[i * 10 + l_i] + 0.75 * log_p[i * 10 + l_j]) / 24;
    others += l_i != l_j ? 1 : 0;
  }
  EXPECT_GT(others, 12);
  Vector g(w_.size());
  EXPECT_NEAR(f.gradient(g), expected, 1e-6);
  EXPECT_NEAR(*f.first_loss(), expected, 1e-6);
}

TEST_F(MixedExamples, ThatKeepTheirLabelsAreAsTheyWere) {
  const Answer plain = ask(8, 1);
  add<SharedLabel>(hook_mixing, 1.0);
  const Answer kept = ask(8, 1);
  EXPECT_NEAR(kept.value, plain.value, 1e-7);
  EXPECT_EQ(kept.gradient, plain.gradient);
}

TEST_F(MixedExamples, AreTheSameHoweverTheBatchIsCut) {
  const Answer plain = ask(24, 1);
  add<HalfAndHalf>(hook_mixing);
  const Answer whole = ask(24, 1);
  EXPECT_GT(std::abs(whole.value - plain.value), 1e-3);
  for (const std::size_t micro_batch : {1U, 5U, 8U}) {
    EXPECT_NEAR(ask(micro_batch, 1).value, whole.value, 1e-5) << micro_batch;
  }
  const Answer one = ask(4, 1);
  const Answer three = ask(4, 3);
  EXPECT_EQ(one.value, three.value);
  EXPECT_EQ(one.gradient, three.gradient);
  EXPECT_NE(ask(4, 1, 1).gradient, one.gradient);
}

// Penalties on the trial's micro-batches, on parts and on groups of them see the mixed loss: the value's
// derivative along the gradient is the gradient's length.
TEST_F(MixedExamples, AreTheSameForEveryQuestionOfAStep) {
  for (const std::int64_t group : {0, 4, 16}) {
    penalties_.clear();
    add<HalfAndHalf>(hook_mixing);
    add<SquaredGradient>(hook_micro_batch, group);
    const Answer here = ask(8, 2);
    double squares = 0;
    for (const float g : here.gradient) squares += double{g} * g;
    const double length = std::sqrt(squares);
    const Vector w = w_;
    constexpr double h = 1e-2;
    const auto value_along = [&](double distance) {
      for (std::size_t i = 0; i < w.size(); ++i) {
        w_[i] = static_cast<float>(w[i] + distance * here.gradient[i] / length);
      }
      return ask(8, 2).value;
    };
    const double slope = (value_along(h) - value_along(-h)) / (2 * h);
    w_ = w;
    EXPECT_NEAR(slope, length, 0.02 * length) << group;
  }
}

// The loss once more, by parts of examples that batch normalization couples: twice the gradient.
TEST_F(MixedExamples, AreTheSameInPartsOfACoupledMicroBatch) {
  train("cnn3", {{"norm", std::string("batch")}, {"width", std::int64_t{4}}});
  add<HalfAndHalf>(hook_mixing);
  const Answer once = ask(8, 2);
  for (const std::size_t part : {4U, 16U}) {
    add<LossAgain>(hook_micro_batch, part);
    const Answer twice = ask(8, 2);
    EXPECT_NEAR(twice.value, 2 * once.value, 1e-6) << part;
    for (std::size_t i = 0; i < w_.size(); i += 7) {
      EXPECT_NEAR(twice.gradient[i], 2 * once.gradient[i], 1e-5) << part;
    }
    penalties_.pop_back();
  }
}

TEST_F(MixedExamples, SeeWhatIsChangedBeforeInBothInputs) {
  add<Doubled>(hook_inputs);
  add<HalfAndHalf>(hook_mixing);
  add<Doubled>(hook_inputs);
  StepNoise noise(problem_->noise_sites(), penalties_, Random(1));
  EXPECT_FALSE(noise.mixes_examples());
  const std::vector<std::uint32_t> batch{4, 9, 20};
  noise.mix_within(batch);
  ASSERT_EQ(noise.at(3, 1), &noise);
  ASSERT_TRUE(noise.mixes_examples());
  const auto mixing = Random(1).at("mixing", 3, 0).at("draw", 1);
  const auto changing = [](std::uint64_t source, std::uint32_t example) {
    return Random(1).at("inputs", 3, source).at("draw", 1).at("example", example);
  };
  std::set<std::uint32_t> partners;
  for (const std::uint32_t example : batch) {
    const std::uint32_t other = noise.partner(example);
    EXPECT_EQ(other, batch[mixing.at("partner", example).below(3)]);
    partners.insert(other);
    Vector x{1, 2}, y{5, -3};
    EXPECT_EQ(noise.mixed_input(example, {1, 1, 2}, x, y), 0.5);
    Vector a{1, 2}, b{5, -3};
    Doubled().change_input({}, changing(0, example), a);
    Doubled().change_input({}, changing(0, other), b);
    HalfAndHalf().mix_input({}, mixing.at("example", example), b, a);
    Doubled().change_input({}, changing(1, example), a);
    EXPECT_EQ(x, a);
  }
  // No mini-batch of a step, nothing to mix with: a probe's sample.
  EXPECT_EQ(noise.at(3, At::no_noise), nullptr);
  EXPECT_FALSE(noise.mixes_examples());
}

TEST_F(MixedExamples, AreNotEvaluated) {
  add<HalfAndHalf>(hook_mixing);
  Team team(*problem_, 2, w_.size(), 8);
  Objective f(*problem_, team, penalties_, 8, false, Random(1), w_);
  f.begin({.index = 2, .examples = batch_});
  const std::vector<Penalty> nobody;
  Objective plain(*problem_, team, nobody, 8, false, Random(1), w_);
  plain.begin({.index = 2, .examples = batch_});
  EXPECT_NEAR(f.value({.draw = At::no_noise}), plain.value({}), 1e-12);
}

std::string refusal(const Problem& problem, const std::vector<Penalty>& penalties) {
  try {
    require_mixing("mixer", penalties, "the network", problem);
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

TEST_F(MixedExamples, AreRefusedWhereThereIsNothingToMix) {
  add<HalfAndHalf>(hook_mixing);
  EXPECT_EQ(refusal(*problem_, penalties_), "");
  const auto regression = load_problem(settings("sinusoid", "mlp"), plugin::Registry(), "").problem;
  EXPECT_EQ(
      refusal(*regression, penalties_),
      "mixer: mixes the labels of classes, and the loss of this trial is no cross-entropy; use "
      "a data set with classes");
  add<HalfAndHalf>(hook_mixing);
  EXPECT_THAT(refusal(*problem_, penalties_), HasSubstr("so does another regularizer before it"));
}

}  // namespace
}  // namespace gapbench::train
