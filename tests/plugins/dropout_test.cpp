// dropout by hand, and its moments.
#include <gmock/gmock.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class Dropout : public ::testing::Test {
 protected:
  std::unique_ptr<Regularizer> make(const std::string& text) const {
    return component_.make_regularizer(options(component_, text));
  }
  // What becomes of factors that are all `before`.
  std::vector<float> factors(const std::string& text, std::size_t size, float before = 1,
                             Random random = Random(3)) const {
    std::vector<float> f(size, before);
    make(text)->multiply_noise({"hidden1", size}, random, f);
    return f;
  }

  const Component& component_ = component("regularizers_dropout");
};

// A unit is left out where its uniform number is below the rate; the others grow by 1 / (1 - rate).
TEST_F(Dropout, ByHand) {
  Random random(3);
  const double u[] = {random.uniform(), random.uniform(), random.uniform(), random.uniform()};
  const double rate = 0.75;
  std::vector<float> expected;
  for (const double x : u) expected.push_back(x < rate ? 0 : 4);
  EXPECT_EQ(factors("rate=0.75", 4), expected);
  for (float& f : expected) f *= 3;
  EXPECT_EQ(factors("rate=0.75", 4, 3), expected) << "multiplies what other noise has left";
  EXPECT_THAT(factors("rate=0", 9), ::testing::Each(1.0F));
}

// E f = 1 and var f = rate / (1 - rate): of 40,000 draws the mean is within 4 sqrt(var / 40,000).
TEST_F(Dropout, KeepsTheMean) {
  for (const double rate : {0.2, 0.5}) {
    const auto f = factors("rate=" + std::to_string(rate), 40000);
    double sum = 0;
    std::size_t zeros = 0;
    for (const float x : f) {
      sum += x;
      zeros += x == 0 ? 1 : 0;
    }
    const double variance = rate / (1 - rate);
    EXPECT_NEAR(sum / 40000, 1, 4 * std::sqrt(variance / 40000));
    EXPECT_NEAR(static_cast<double>(zeros) / 40000, rate, 4 * std::sqrt(0.25 / 40000));
  }
}

TEST_F(Dropout, FollowsItsKeyAlone) {
  EXPECT_EQ(factors("rate=0.5", 50), factors("rate=0.5", 50));
  EXPECT_NE(factors("rate=0.5", 50), factors("rate=0.5", 50, 1, Random(4)));
}

TEST_F(Dropout, ActsWhereItIsTold) {
  EXPECT_EQ(component_.hooks, std::uint32_t{hook_noise});
  EXPECT_TRUE(make("rate=0.5")->disturbs({"hidden7", 1}));
  EXPECT_TRUE(make("rate=0.5 sites=hidden1")->disturbs({"hidden1", 1}));
  EXPECT_FALSE(make("rate=0.5 sites=hidden1")->disturbs({"hidden2", 1}));
}

TEST_F(Dropout, RefusesRatesThatLeaveNothing) {
  EXPECT_THROW(make("rate=1"), Error);
  EXPECT_THROW(make("rate=-0.1"), Error);
}

}  // namespace
}  // namespace gapbench::test
