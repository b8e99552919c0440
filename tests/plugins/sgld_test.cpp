// sgld by hand, and its stationary variance on a quadratic.
#include <gmock/gmock.h>

#include <cmath>

#include "plugins/samplers.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

std::unique_ptr<Optimizer> make(const std::string& text, std::size_t size) {
  return sampler("sgld", text, size);
}

// 1 - 0.5 (0.3 + 1 / (10 * 1)) = 0.8; at half the schedule 0.9.
TEST(Sgld, DescendsWithoutTemperature) {
  const std::string text = "learning_rate=0.5 prior_variance=1 temperature=0 burn_in=0";
  Weights w{1, -2};
  advance(*make(text, 2), w, {});
  EXPECT_FLOAT_EQ(w[0], 0.8F);
  EXPECT_FLOAT_EQ(w[1], -1.6F);
  w = {1, -2};
  advance(*make(text, 2), w, {.schedule = 0.5});
  EXPECT_FLOAT_EQ(w[0], 0.9F);
}

// At 0 nothing pulls: what is left is sqrt(2 * 0.8 * 0.5 / 10) e.
TEST(Sgld, NoiseByHand) {
  Weights w(6, 0);
  advance(*make("learning_rate=0.8 prior_variance=1 temperature=0.5 burn_in=0", 6), w, {});
  Weights e(6);
  Random(5).at("sgld", 0).normals(e);
  for (std::size_t i = 0; i < w.size(); ++i) {
    EXPECT_NEAR(w[i], std::sqrt(0.08) * e[i], 1e-6) << i;
  }
}

// P = 10 * 0.3 + 1 = 4 and epsilon = 2 * 0.5 / 10 = 0.1: 1 / (P (1 - epsilon P / 4)) = 1 / 3.6, where
// the posterior's is 1 / 4. 40,000 parameters are as many chains: five deviations of their variance
// are 5 sqrt(2 / 40,000) = 3.5 %.
TEST(Sgld, StationaryVariance) {
  Weights w(40000, 0);
  advance(*make("learning_rate=0.5 prior_variance=1 burn_in=0 every=1000", w.size()), w,
          {.steps = 60});
  EXPECT_NEAR(mean_square(w) * 3.6, 1, 0.035);
}

TEST(Sgld, ItsIteratesAreTheDraws) {
  const auto sgld = make("learning_rate=0.5 prior_variance=1 burn_in=2 every=2", 3);
  Posterior* posterior = sgld->posterior();
  ASSERT_NE(posterior, nullptr);
  EXPECT_FALSE(posterior->is_ready());
  Weights w(3, 1);
  advance(*sgld, w, {.steps = 4});
  ASSERT_EQ(posterior->size(), 1U);
  Weights kept(3);
  posterior->draw(0, Random(1), kept);
  EXPECT_EQ(kept, w);
}

}  // namespace
}  // namespace gapbench::test
