// loss_profile against the second difference of a quadratic, and under rescaling.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/product_problem.h"
#include "plugins/snapshots.h"

namespace gapbench::test {
namespace {

using plugin::conformance::PlainSnapshot;
using plugin::conformance::Vector;

// Of H = diag(2, 1, 1/2) along +-s e the mean rise is s^2 e' H e / 2, and with e_i w_i in place of e_i
// the relative one.
TEST(LossProfile, OfAQuadraticByItsCurvature) {
  const Component& c = component("problems_quadratic");
  const auto problem =
      c.make_problem(options(c, "dimension=3 examples=16 largest=2 condition=4"), Random(5));
  const Vector w{3, -2, 1};
  const auto found = measure("loss_profile",
                             "micro_batch=8 count=2 points=2 directions=1 radius=0.4 "
                             "relative_radius=0.8",
                             *problem, w, w);
  Vector e(3);
  PlainSnapshot(*problem, w, w).random("directions").at("direction", 0).normals(e);
  const double h[] = {2, 1, 0.5};
  double absolute = 0, relative = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    absolute += h[i] * e[i] * e[i] / 2;
    relative += h[i] * e[i] * e[i] * w[i] * w[i] / 2;
  }
  EXPECT_NEAR(found.at("rise"), 0.16 * absolute, 1e-5);
  EXPECT_NEAR(found.at("relative_rise"), 0.64 * relative, 1e-5);
  // Half way, a quarter of it; the middle is the loss itself.
  const double middle = found.at("drawn_loss_2");
  EXPECT_NEAR((found.at("drawn_loss_1") + found.at("drawn_loss_3")) / 2 - middle, 0.04 * absolute,
              1e-5);
  EXPECT_EQ(found.at("drawn_relative_loss_2"), middle);
  EXPECT_EQ(found.at("drawn_radius"), 0.4);
  EXPECT_EQ(found.at("drawn_relative_radius"), 0.8);
  // To the right s is positive: the slope H w along e tells the sides apart.
  const double slope = 2 * w[0] * e[0] + w[1] * e[1] + 0.5 * w[2] * e[2];
  EXPECT_NEAR((found.at("drawn_loss_3") - found.at("drawn_loss_1")) / 0.4, slope, 0.3)
      << "but for the mean of the examples that were looked at";
}

// z = a b x is the same function at (1, 2) and at (4, 1/2).
TEST(LossProfile, RescalingMovesTheAbsoluteOneAlone) {
  const ProductProblem problem({{1, 0}, {3, 2}});
  const std::string text = "micro_batch=2 count=1 points=3 directions=5 radius=0.1";
  const Vector w{1, 2}, rescaled{4, 0.5F};
  const auto before = measure("loss_profile", text, problem, w, w);
  const auto after = measure("loss_profile", text, problem, rescaled, rescaled);
  EXPECT_EQ(before.at("drawn_loss_3"), after.at("drawn_loss_3"));
  for (int k = 0; k < 7; ++k) {
    const std::string name = "drawn_relative_loss_" + std::to_string(k);
    EXPECT_NEAR(before.at(name), after.at(name), 1e-5 * before.at(name)) << k;
  }
  EXPECT_GT(std::abs(before.at("rise") - after.at("rise")), 0.1 * before.at("rise"));
}

}  // namespace
}  // namespace gapbench::test
