// adam by hand, and against the textbook in double.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class Adam : public ::testing::Test {
 protected:
  std::unique_ptr<Optimizer> make(const std::string& text) const {
    return component_.make_optimizer(options(component_, text), tensors(1));
  }
  // One step under the gradient `slope`, wherever w is.
  float step(Optimizer& optimizer, float slope, double schedule = 1) {
    PencilStep f(w_, 0, {slope});
    f.at_schedule(schedule);
    optimizer.step(f);
    return w_[0];
  }

  const Component& component_ = component("optimizers_adam");
  std::vector<float> w_{8};
};

// g = 4: m = 2, v = 4, c1 = 1/2, c2 = 1/4, so m^ = 4 and sqrt(v^) = 4.
TEST_F(Adam, EpsilonOnTheCorrectedRoot) {
  const auto adam = make("learning_rate=3 beta1=0.5 beta2=0.75 epsilon=4");
  EXPECT_EQ(step(*adam, 4), 6.5F);  // 8 - 3 * 4 / (4 + 4)
}

TEST_F(Adam, EpsilonOnTheRawRoot) {
  const auto adam = make("learning_rate=3 beta1=0.5 beta2=0.75 epsilon=4 epsilon_added_to=raw");
  EXPECT_EQ(step(*adam, 4), 7.0F);  // 8 - 3 * (1/2) / (1/2) * 2 / (2 + 4)
}

// beta2 = 0: v = g^2 and c2 = 1, so the second step too is exact.
TEST_F(Adam, TheMeanIsCorrectedForItsStart) {
  const auto adam = make("learning_rate=3 beta1=0.5 beta2=0 epsilon=4");
  EXPECT_EQ(step(*adam, 4), 6.5F);    // m = 2, c1 = 1/2
  EXPECT_EQ(step(*adam, 12), 4.75F);  // m = 1 + 6 = 7, c1 = 3/4: 6.5 - 4 * 7 / (12 + 4)
}

TEST_F(Adam, DecayIsDecoupled) {
  const auto adam = make("learning_rate=0.5 decay=0.5");
  EXPECT_EQ(step(*adam, 0, 0.5), 7.0F);  // 8 (1 - 0.25 * 0.5); the moments stay 0
  EXPECT_EQ(step(*adam, 0, 1.0), 5.25F);
  EXPECT_EQ(step(*adam, 0, 0.0), 5.25F);
}

// Straight from the paper, in double: 40 steps of a bowl that starts at 8.
double textbook(bool raw, double decay) {
  constexpr double rate = 0.1, beta1 = 0.9, beta2 = 0.99, epsilon = 0.01;
  double w = 8, m = 0, v = 0;
  for (int t = 1; t <= 40; ++t) {
    const double g = 0.25 * w;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const double m_hat = m / (1 - std::pow(beta1, t));
    const double root = std::sqrt(1 - std::pow(beta2, t));
    const double denominator =
        raw ? (std::sqrt(v) + epsilon) / root : std::sqrt(v) / root + epsilon;
    w -= rate * decay * w;
    w -= rate * m_hat / denominator;
  }
  return w;
}

TEST_F(Adam, FollowsTheTextbook) {
  for (const bool raw : {false, true}) {
    const auto adam = make(std::string("learning_rate=0.1 beta2=0.99 epsilon=0.01 decay=0.125 ") +
                           (raw ? "epsilon_added_to=raw" : "epsilon_added_to=corrected"));
    w_ = {8};
    for (int t = 1; t <= 40; ++t) {
      PencilStep f(w_, 0.25);
      adam->step(f);
    }
    EXPECT_NEAR(w_[0], textbook(raw, 0.125), 1e-5);  // 40 roundings of numbers below 8
  }
  EXPECT_GT(std::abs(textbook(true, 0.125) - textbook(false, 0.125)), 1e-3);
}

}  // namespace
}  // namespace gapbench::test
