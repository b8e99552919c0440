// gd by hand, on F(w) = |w|^2 / 2, whose gradient is w.
#include <gtest/gtest.h>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

// Half of |g| + 1e-6 for |g| = 5: clips to exactly one half.
constexpr const char* half = "clip=2.5000005 ";

std::unique_ptr<Optimizer> make(const std::string& text, std::size_t dimension = 2) {
  const Component& c = component("optimizers_gd");
  return c.make_optimizer(options(c, text), tensors(dimension));
}

TEST(Gd, ClipsALongGradientAndLeavesAShortOne) {
  const auto gd = make(std::string(half) + "learning_rate=1");
  Weights w{3, 4};
  PencilStep f(w, 1);
  gd->step(f);
  EXPECT_EQ(w, (Weights{1.5, 2}));
  w = {0.75, 1};  // |g| = 1.25
  gd->step(f.at_schedule(0.5));
  EXPECT_EQ(w, (Weights{0.375, 0.5}));
}

TEST(Gd, DecayIsAddedAfterClipping) {
  const auto gd = make(std::string(half) + "learning_rate=1 decay=0.5");
  Weights w{3, 4};
  PencilStep f(w, 1);
  gd->step(f);
  EXPECT_EQ(w, (Weights{0, 0}));  // d = g / 2 + w / 2; clipped after it would be less
}

TEST(Gd, MomentumOfClippedGradients) {
  const auto gd = make(std::string(half) + "learning_rate=1 momentum=0.5");
  Weights w{3, 4};
  PencilStep f(w, 1);
  gd->step(f);  // v = (1.5, 2)
  w = {0.75, 1};
  gd->step(f);  // v = (0.75, 1) + (0.75, 1)
  EXPECT_EQ(w, (Weights{-0.75, -1}));
}

TEST(Gd, NesterovWithoutClippingByHand) {
  const auto gd = make("clip=0 learning_rate=0.5 momentum=0.5 nesterov=true", 1);
  Weights w{8};
  PencilStep f(w, 1);
  gd->step(f);
  EXPECT_EQ(w[0], 2);  // v = 8, direction 8 + 4
  gd->step(f);
  EXPECT_EQ(w[0], -0.5F);  // v = 4 + 2, direction 2 + 3
}

TEST(Gd, NesterovWithoutMomentumIsRefused) {
  EXPECT_THROW(make("learning_rate=0.5 nesterov=true"), Error);
}

}  // namespace
}  // namespace gapbench::test
