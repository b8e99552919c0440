// gaussian_noise by hand, and its moments.
#include <gmock/gmock.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class GaussianNoise : public ::testing::Test {
 protected:
  std::vector<float> factors(const std::string& text, std::size_t size, float before = 1,
                             Random random = Random(3)) const {
    std::vector<float> f(size, before);
    component_.make_regularizer(options(component_, text))
        ->multiply_noise({"hidden1", size}, random, f);
    return f;
  }

  const Component& component_ = component("regularizers_gaussian_noise");
};

TEST_F(GaussianNoise, ByHand) {
  std::vector<float> e(5);
  Random(3).normals(e);
  const auto f = factors("deviation=0.5", 5, 2);
  for (std::size_t i = 0; i < e.size(); ++i) EXPECT_EQ(f[i], 2 * (1 + 0.5F * e[i])) << i;
  EXPECT_THAT(factors("deviation=0", 9), ::testing::Each(1.0F));
  EXPECT_NE(factors("deviation=0.5", 5), factors("deviation=0.5", 5, 1, Random(4)));
}

// 40,000 draws: the mean within four of its deviations, the variance (known to 0.7 %) within four.
TEST_F(GaussianNoise, HasMeanOneAndItsVariance) {
  double sum = 0;
  double squares = 0;
  for (const float x : factors("deviation=0.6", 40000)) {
    sum += x / 40000;
    squares += (double{x} - 1) * (double{x} - 1) / 40000;
  }
  EXPECT_NEAR(sum, 1, 4 * 0.6 / 200);
  EXPECT_NEAR(squares, 0.36, 0.03 * 0.36);
}

TEST_F(GaussianNoise, ActsWhereItIsTold) {
  const auto at = [&](const char* text, const char* site) {
    return component_.make_regularizer(options(component_, text))->disturbs({site, 1});
  };
  EXPECT_EQ(component_.hooks, std::uint32_t{hook_noise});
  EXPECT_TRUE(at("deviation=1", "hidden7"));
  EXPECT_TRUE(at("deviation=1 sites=hidden1", "hidden1"));
  EXPECT_FALSE(at("deviation=1 sites=hidden1", "hidden2"));
}

}  // namespace
}  // namespace gapbench::test
