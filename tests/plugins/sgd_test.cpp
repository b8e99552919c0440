// sgd by hand, on F(w) = w^2/2, whose gradient is w.
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

class Sgd : public ::testing::Test {
 protected:
  std::unique_ptr<Optimizer> make(const std::string& text) const {
    return component_.make_optimizer(options(component_, text), tensors(1));
  }
  float step(Optimizer& optimizer, double schedule = 1) {
    PencilStep f(w_, 1);
    f.at_schedule(schedule);
    optimizer.step(f);
    return w_[0];
  }

  const Component& component_ = component("optimizers_sgd");
  std::vector<float> w_{8};
};

TEST_F(Sgd, WithoutMomentumFollowsTheGradient) {
  const auto sgd = make("learning_rate=0.25");
  EXPECT_EQ(step(*sgd), 6.0F);        // 8 - 0.25 * 8
  EXPECT_EQ(step(*sgd, 0.5), 5.25F);  // 6 - 0.125 * 6
  EXPECT_EQ(step(*sgd, 0.0), 5.25F);
}

TEST_F(Sgd, MomentumByHand) {
  const auto sgd = make("learning_rate=0.5 momentum=0.5");
  EXPECT_EQ(step(*sgd), 4.0F);   // v = 8,          w = 8 - 4
  EXPECT_EQ(step(*sgd), 0.0F);   // v = 4 + 4 = 8,  w = 4 - 4
  EXPECT_EQ(step(*sgd), -2.0F);  // v = 4 + 0 = 4,  w = 0 - 2
}

TEST_F(Sgd, TheScheduleScalesTheVelocityNotTheGradient) {
  const auto sgd = make("learning_rate=0.5 momentum=0.5");
  EXPECT_EQ(step(*sgd), 4.0F);       // v = 8
  EXPECT_EQ(step(*sgd, 0.5), 2.0F);  // v = 4 + 4 = 8, w = 4 - 0.25 * 8; with v of steps: 1
  EXPECT_EQ(step(*sgd, 0.0), 2.0F);  // v = 4 + 2 = 6 goes on
  EXPECT_EQ(step(*sgd), -0.5F);      // v = 3 + 2 = 5, w = 2 - 2.5
}

TEST_F(Sgd, NesterovByHand) {
  const auto sgd = make("learning_rate=0.5 momentum=0.5 nesterov=true");
  EXPECT_EQ(step(*sgd), 2.0F);   // v = 8, direction 8 + 4 = 12
  EXPECT_EQ(step(*sgd), -0.5F);  // v = 4 + 2 = 6, direction 2 + 3 = 5, w = 2 - 2.5
}

TEST_F(Sgd, NesterovWithoutMomentumIsRefused) {
  EXPECT_THROW(make("learning_rate=0.5 nesterov=true"), Error);
}

}  // namespace
}  // namespace gapbench::test
