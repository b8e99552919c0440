// mixup by hand, and the distribution of what is kept.
#include <gmock/gmock.h>

#include <cmath>

#include "gapbench/error.h"
#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class Mixup : public ::testing::Test {
 protected:
  double share(const std::string& text, std::uint64_t example, std::vector<float>& input,
               const std::vector<float>& other) const {
    return component_.make_regularizer(options(component_, text))
        ->mix_input({1, 1, input.size()}, Random(3).at("example", example), other, input);
  }

  struct Moments {
    double mean = 0, variance = 0, below_a_quarter = 0;
  };
  /// Of 20,000 shares.
  Moments moments(double alpha) const {
    const auto regularizer =
        component_.make_regularizer(options(component_, "alpha=" + std::to_string(alpha)));
    constexpr int n = 20000;
    double sum = 0, squares = 0, below = 0;
    for (int i = 0; i < n; ++i) {
      std::vector<float> input{1};
      const double s =
          regularizer->mix_input({1, 1, 1}, Random(5).at("example", static_cast<std::uint64_t>(i)),
                                 std::vector{0.0F}, input);
      sum += s;
      squares += (s - 0.5) * (s - 0.5);
      below += s < 0.25 ? 1 : 0;
    }
    return {sum / n, squares / n, below / n};
  }

  const Component& component_ = component("regularizers_mixup");
};

TEST_F(Mixup, ByHand) {
  for (std::uint64_t example = 0; example < 20; ++example) {
    std::vector<float> input{2, 0, -1};
    const double l = share("alpha=1", example, input, {4, 1, -1});
    EXPECT_GT(l, 0);
    EXPECT_LT(l, 1);
    EXPECT_EQ(input[0], static_cast<float>(l * 2 + (1 - l) * 4));
    EXPECT_EQ(input[1], static_cast<float>(1 - l));
    EXPECT_EQ(input[2], -1.0F);
  }
}

TEST_F(Mixup, KeepsAllOrNothingWhereAlphaIsNearNothing) {
  int kept = 0;
  for (std::uint64_t example = 0; example < 100; ++example) {
    std::vector<float> input{2};
    const double l = share("alpha=1e-6", example, input, {4});
    EXPECT_TRUE(l < 1e-9 || l > 1 - 1e-9) << l;
    EXPECT_EQ(input[0], l < 0.5 ? 4.0F : 2.0F);
    kept += l > 0.5 ? 1 : 0;
  }
  EXPECT_GT(kept, 30);
  EXPECT_LT(kept, 70);
}

// Beta(a, a) has mean 1/2 and variance 1 / (4 (2a + 1)); below x lie, for a = 1, x, for a = 2, 3x^2 - 2x^3.
// Bounds of five deviations of 20,000 draws: 0.5 / sqrt(20000) at most for mean and share below, and
// 0.09 / sqrt(20000) for the variance (its own deviation is 1/8 at most).
TEST_F(Mixup, KeepsAsBetaSays) {
  for (const double alpha : {0.2, 1.0, 2.0, 8.0}) {
    const Moments m = moments(alpha);
    EXPECT_NEAR(m.mean, 0.5, 0.018) << alpha;
    EXPECT_NEAR(m.variance, 1 / (4 * (2 * alpha + 1)), 0.0044) << alpha;
  }
  EXPECT_NEAR(moments(1).below_a_quarter, 0.25, 0.018);
  EXPECT_NEAR(moments(2).below_a_quarter, 0.15625, 0.018);
}

TEST_F(Mixup, DeclaresWhatItDoes) {
  EXPECT_EQ(component_.hooks, std::uint32_t{hook_mixing});
  EXPECT_THROW(options(component_, "alpha=0"), Error);
}

}  // namespace
}  // namespace gapbench::test
