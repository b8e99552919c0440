// sam by hand, on F(w) = |w|^2 / 2, whose gradient is w: at w + rho w / |w| it is longer by rho.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/hand.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;

std::unique_ptr<Optimizer> make(const std::string& text, std::size_t dimension = 1) {
  const Component& c = component("optimizers_sam");
  return c.make_optimizer(options(c, text), tensors(dimension));
}

TEST(Sam, TakesTheGradientWhereTheLossIsWorse) {
  const auto sam = make("learning_rate=0.5 rho=5", 2);
  Weights w{3, 4};  // e = (3, 4), gradient (6, 8)
  PencilStep f(w, 1);
  sam->step(f);
  EXPECT_EQ(w, (Weights{0, 0}));
  sam->step(f);  // no direction to climb in
  EXPECT_EQ(w, (Weights{0, 0}));
}

TEST(Sam, MomentumAndScheduleByHand) {
  const auto sam = make("learning_rate=0.5 rho=2 momentum=0.5");
  Weights w{8};
  PencilStep f(w, 1);
  sam->step(f);
  EXPECT_EQ(w[0], 3);  // v = 8 + 2
  sam->step(f);
  EXPECT_EQ(w[0], -2);            // v = 5 + (3 + 2)
  sam->step(f.at_schedule(0.5));  // rho is not scheduled: v = 5 + (-2 - 2)
  EXPECT_EQ(w[0], -2.25F);
}

// A weight of 3 and a bias of 4, eta 1: T = (4, 1), T g = (12, 4), T^2 g = (48, 4).
TEST(Sam, AdaptiveNeighbourhoodsAreSharesOfEachWeight) {
  const std::vector<TensorInfo> shape{{"weight", TensorKind::weight, {1}, 0, 1},
                                      {"bias", TensorKind::bias, {1}, 1, 1}};
  const Component& c = component("optimizers_sam");
  const auto asam =
      c.make_optimizer(options(c, "learning_rate=1 rho=0.5 scaling=parameters eta=1"), shape);
  Weights w{3, 4};
  PencilStep f(w, 1);
  asam->step(f);
  const double length = std::sqrt(160);
  EXPECT_NEAR(w[0], -24 / length, 1e-6);
  EXPECT_NEAR(w[1], -2 / length, 1e-6);
  w = {-3, 0};  // the same share of a negative weight; 12 / 12 along it
  asam->step(f);
  EXPECT_FLOAT_EQ(w[0], 2);
}

TEST(Sam, AdaptiveScalesOfNormalizationsCountAsWeights) {
  const std::vector<TensorInfo> shape{{"scale", TensorKind::scale, {1}, 0, 1}};
  const Component& c = component("optimizers_sam");
  const auto asam =
      c.make_optimizer(options(c, "learning_rate=1 rho=0.5 scaling=parameters eta=0"), shape);
  Weights w{4};
  PencilStep f(w, 1);
  asam->step(f);
  EXPECT_EQ(w[0], -2);  // e = 0.5 * 64 / 16
}

TEST(Sam, WithoutANeighbourhoodItIsMomentumSgd) {
  const Component& c = component("optimizers_sgd");
  const auto sgd = c.make_optimizer(options(c, "learning_rate=0.3 momentum=0.9"), tensors(2));
  const auto sam = make("learning_rate=0.3 momentum=0.9 rho=0", 2);
  Weights a{0.7F, -1.3F};
  Weights b = a;
  PencilStep f(a, 0.6, {0.1F, 0.2F});
  PencilStep g(b, 0.6, {0.1F, 0.2F});
  for (int k = 0; k < 10; ++k) {
    sgd->step(f);
    sam->step(g);
    EXPECT_EQ(a, b);
  }
}

}  // namespace
}  // namespace gapbench::test
