// label_smoothing and confidence_penalty by hand: two classes of probabilities 1/4 and 3/4.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Vector = std::vector<float>;

const double entropy = -(0.25 * std::log(0.25) + 0.75 * std::log(0.75));

class Losses : public ::testing::Test {
 protected:
  /// The head that stands for `loss`.
  static std::unique_ptr<const Head> head(const char* library, const std::string& text,
                                          const Head& loss) {
    const Component& c = component(library);
    EXPECT_EQ(c.hooks, std::uint32_t{hook_loss});
    return c.make_regularizer(options(c, text))->replace_loss(loss);
  }
  double value(const Head& of) { return of.value(z_, cotangent_); }
  Vector curvature(const Head& of, const Vector& t) {
    Vector out(t.size());
    of.curvature(z_, t, out);
    return out;
  }

  const CrossEntropy loss_;
  const Vector logits_{0, std::log(3.0F), 0, std::log(3.0F)};
  const std::vector<std::int32_t> labels_{1, 1};
  const Outputs z_{2, 2, logits_, labels_, {}};
  Vector cotangent_ = Vector(4);
};

// smoothing 1/2: the target is (1/4, 3/4) itself. Two equal examples, so half of each in the mean.
TEST_F(Losses, LabelSmoothingIsCrossEntropyToASpreadTarget) {
  const auto half = head("regularizers_label_smoothing", "smoothing=0.5", loss_);
  EXPECT_NEAR(value(*half), entropy, 1e-7);
  for (const float x : cotangent_) EXPECT_NEAR(x, 0, 1e-7);
  const auto fifth = head("regularizers_label_smoothing", "smoothing=0.2", loss_);
  EXPECT_NEAR(value(*fifth), -0.1 * std::log(0.25) - 0.9 * std::log(0.75), 1e-7);
  EXPECT_NEAR(cotangent_[0], (0.25 - 0.1) / 2, 1e-7);
  EXPECT_NEAR(cotangent_[3], (0.75 - 0.9) / 2, 1e-7);
  const Vector moved = curvature(*fifth, {1, 0, 0, 2});
  EXPECT_NEAR(moved[0], 0.1875 / 2, 1e-7);  // 1/4 (1 - 1/4)
  EXPECT_NEAR(moved[2], -0.1875, 1e-7);
  EXPECT_NEAR(value(*head("regularizers_label_smoothing", "smoothing=0", loss_)), -std::log(0.75),
              1e-7);
}

// Along the logit a = z_0 - z_1 = -log 3: d(-H)/da = p q a, its derivative p q ((q - p) a + 1).
TEST_F(Losses, ConfidencePenaltyByHand) {
  const auto penalized = head("regularizers_confidence_penalty", "strength=2", loss_);
  const double slope = 0.1875 * -std::log(3);
  EXPECT_NEAR(value(*penalized), -std::log(0.75) - 2 * entropy, 1e-6);
  EXPECT_NEAR(cotangent_[0], (0.25 + 2 * slope) / 2, 1e-7);
  EXPECT_NEAR(cotangent_[1], (-0.25 - 2 * slope) / 2, 1e-7);
  const double bend = 0.1875 * (0.5 * -std::log(3) + 1);
  const Vector moved = curvature(*penalized, {1, 0, 0, 0});
  EXPECT_NEAR(moved[0], (0.1875 + 2 * bend) / 2, 1e-7);
  EXPECT_NEAR(moved[1], -(0.1875 + 2 * bend) / 2, 1e-7);
  EXPECT_EQ(moved[2], 0);
}

TEST_F(Losses, OneBehindTheOther) {
  const auto smoothed = head("regularizers_label_smoothing", "smoothing=0.5", loss_);
  const auto both = head("regularizers_confidence_penalty", "strength=1", *smoothed);
  EXPECT_NEAR(value(*both), 0, 1e-6);  // H - H
}

TEST_F(Losses, AreForClassesOnly) {
  const SquaredError squares;
  const Vector targets(4);
  const Outputs regression{2, 2, logits_, {}, targets};
  for (const auto& [library, text] :
       {std::pair{"regularizers_label_smoothing", "smoothing=0.1"},
        std::pair{"regularizers_confidence_penalty", "strength=0.1"}}) {
    EXPECT_THROW(head(library, text, squares), Error) << library;
    EXPECT_THROW(head(library, text, loss_)->value(regression, {}), Error) << library;
  }
}

}  // namespace
}  // namespace gapbench::test
