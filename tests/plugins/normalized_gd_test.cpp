// normalized_gd by hand, on F(w) = |w|^2 / 2, whose gradient is w.
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

TEST(NormalizedGd, StepsHaveTheLengthThatWasAsked) {
  const Component& c = component("optimizers_normalized_gd");
  const auto optimizer = c.make_optimizer(options(c, "learning_rate=2.5"), tensors(2));
  Weights w{3, 4};  // |g| = 5
  PencilStep f(w, 1);
  optimizer->step(f);
  EXPECT_EQ(w, (Weights{1.5, 2}));  // 2.5 along (0.6, 0.8)
  optimizer->step(f.at_schedule(0.5));
  EXPECT_EQ(w, (Weights{0.75, 1}));  // 1.25 along the same line
}

TEST(NormalizedGd, TheSizeOfTheGradientDoesNotCount) {
  const Component& c = component("optimizers_normalized_gd");
  const auto optimizer = c.make_optimizer(options(c, "learning_rate=5"), tensors(2));
  Weights w{3, 4};
  PencilStep f(w, 256);
  optimizer->step(f);
  EXPECT_EQ(w, (Weights{0, 0}));
}

TEST(NormalizedGd, StaysWhereTheGradientIsZero) {
  const Component& c = component("optimizers_normalized_gd");
  const auto optimizer = c.make_optimizer(options(c, "learning_rate=5"), tensors(2));
  Weights w{0, 0};
  PencilStep f(w, 1);
  optimizer->step(f);
  EXPECT_EQ(w, (Weights{0, 0}));
}

}  // namespace
}  // namespace gapbench::test
