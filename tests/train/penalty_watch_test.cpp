// Which regularizer has spoilt the objective.
#include "train/penalty_watch.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <vector>

#include "gapbench/error.h"

namespace gapbench::train {
namespace {

// Gives `value`, and adds `slope` to every entry of the gradient.
class Constant final : public Regularizer {
 public:
  Constant(double value, float slope) : value_(value), slope_(slope) {}
  double penalize_parameters(const Parameters&, std::span<float> gradient) const override {
    for (float& g : gradient) g += slope_;
    return value_;
  }
  void multiply_noise(const NoiseSite&, Random, std::span<float> factors) const override {
    for (float& f : factors) f *= slope_;
  }
  bool disturbs(const NoiseSite& site) const override { return site.name == "here"; }
  std::size_t micro_batch() const noexcept override { return 5; }
  std::unique_ptr<const Head> replace_loss(const Head&) const override {
    return std::make_unique<SquaredError>();
  }

 private:
  double value_;
  float slope_;
};

Penalty constant(double value, float slope) {
  return {std::make_unique<Constant>(value, slope), hook_parameters | hook_noise};
}

double ask(const Penalty& penalty, std::vector<float>& gradient) {
  return penalty.regularizer->penalize_parameters({}, gradient);
}

TEST(PenaltyWatch, PassesEveryHookOn) {
  PenaltyWatch watch;
  const Penalty penalty = watch.watched("right", constant(2, 3));
  EXPECT_EQ(penalty.hooks, std::uint32_t{hook_parameters | hook_noise});
  std::vector<float> gradient{1};
  EXPECT_EQ(ask(penalty, gradient), 2);
  EXPECT_EQ(gradient[0], 4);
  penalty.regularizer->multiply_noise({}, Random(1), gradient);
  EXPECT_EQ(gradient[0], 12);
  EXPECT_EQ(penalty.regularizer->micro_batch(), 5U);
  EXPECT_TRUE(penalty.regularizer->disturbs({"here", 1}));
  EXPECT_FALSE(penalty.regularizer->disturbs({"there", 1}));
  EXPECT_NE(penalty.regularizer->replace_loss(CrossEntropy()), nullptr);
  EXPECT_EQ(watch.spoiler(), "the loss");
}

TEST(PenaltyWatch, NamesTheFirstTermThatIsNotFinite) {
  PenaltyWatch watch;
  EXPECT_EQ(watch.spoiler(), "");
  const Penalty right = watch.watched("right", constant(1, 1));
  const Penalty flat = watch.watched("flat", constant(0, NAN));
  const Penalty large = watch.watched("large", constant(INFINITY, 0));
  std::vector<float> gradient{0, 0};
  ask(large, gradient);
  EXPECT_EQ(watch.spoiler(), "the value of large is not finite");
  ask(right, gradient);
  ask(flat, gradient);
  EXPECT_EQ(watch.spoiler(), "the gradient of flat is not finite");
  // What comes after it in one gradient is not to blame.
  ask(right, gradient);
  EXPECT_EQ(watch.spoiler(), "the gradient of flat is not finite");
}

TEST(PenaltyWatch, LooksAtGradientsInTheFirstTwoSteps) {
  PenaltyWatch watch;
  const Penalty flat = watch.watched("flat", constant(0, NAN));
  std::vector<float> gradient{0};
  watch.begin(2);
  ask(flat, gradient);
  EXPECT_EQ(watch.spoiler(), "the loss");
  gradient = {0};
  watch.begin(1);
  ask(flat, gradient);
  EXPECT_EQ(watch.spoiler(), "the gradient of flat is not finite");
}

#ifdef __SSE__
class Rounding final : public Regularizer {
 public:
  double penalize_parameters(const Parameters&, std::span<float>) const override {
    std::fesetround(FE_UPWARD);
    return 0;
  }
};

TEST(PenaltyWatch, NamesTheOneThatChangesTheFloatingPointMode) {
  PenaltyWatch watch;
  const Penalty penalty =
      watch.watched("rounding", {std::make_unique<Rounding>(), hook_parameters});
  std::vector<float> gradient{0};
  try {
    ask(penalty, gradient);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), "rounding");
  }
  EXPECT_EQ(std::fegetround(), FE_TONEAREST);
}
#endif

}  // namespace
}  // namespace gapbench::train
