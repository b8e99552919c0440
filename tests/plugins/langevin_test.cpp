// psgld and sghmc by hand, and their stationary variances on a quadratic.
#include <gmock/gmock.h>

#include <cmath>

#include "plugins/samplers.h"

namespace gapbench::test {
namespace {

using Weights = std::vector<float>;
using ::testing::HasSubstr;

// Gradient 0.5 w at w = 1: V = 0.04 * 0.25, root 0.1, P = 1 / (0.1 + 0.1) = 5; the prior adds
// 1 / (10 * 1): 1 - 0.02 * 5 * 0.6 = 0.94. Then g = 0.47 and V = 0.96 * 0.01 + 0.04 * 0.2209.
TEST(Psgld, DescendsByHandWithoutTemperature) {
  const auto psgld = sampler("psgld",
                             "learning_rate=0.02 prior_variance=1 beta2=0.96 damping=0.1 "
                             "temperature=0 burn_in=0",
                             2);
  Weights w{1, -1};
  advance(*psgld, w, {.curvature = 0.5});
  EXPECT_FLOAT_EQ(w[0], 0.94F);
  EXPECT_FLOAT_EQ(w[1], -0.94F);
  advance(*psgld, w, {.curvature = 0.5, .first = 1});
  const double p = 1 / (0.1 + std::sqrt(0.96 * 0.01 + 0.04 * 0.2209));
  EXPECT_NEAR(w[0], 0.94 - 0.02 * p * (0.47 + 0.094), 1e-6);
}

// At 0 nothing pulls and P = 1 / 0.2: what is left is sqrt(2 * 0.04 * 5 * 0.5 / 10) e.
TEST(Psgld, NoiseByHand) {
  Weights w(6, 0);
  advance(*sampler("psgld",
                   "learning_rate=0.04 prior_variance=1 damping=0.2 temperature=0.5 burn_in=0", 6),
          w, {});
  Weights e(6);
  Random(5).at("psgld", 0).normals(e);
  for (std::size_t i = 0; i < w.size(); ++i) {
    EXPECT_NEAR(w[i], std::sqrt(0.02) * e[i], 1e-6) << i;
  }
}

// Damping 1000 leaves P = 1 / 1000 to a thousandth: sgld of rate 0.5, see there. Precision 4 and
// epsilon 0.1: 1 / 3.6. 40,000 parameters are as many chains.
TEST(Psgld, StationaryVariance) {
  Weights w(40000, 0);
  advance(*sampler("psgld", "learning_rate=500 prior_variance=1 damping=1000 burn_in=0 every=1000",
                   w.size()),
          w, {.steps = 60});
  EXPECT_NEAR(mean_square(w) * 3.6, 1, 0.035);
}

// Half of the precision by the gradient's scale: the preconditioner changes the way, not the end. V of
// a unit gradient's mean square a^2 / 4, decaying slowly from where it starts at 0.
TEST(Psgld, ThePosteriorIsThatOfNoPreconditioner) {
  Weights w(20000, 0);
  const auto psgld = sampler(
      "psgld", "learning_rate=0.02 prior_variance=1 beta2=0.999 damping=0.05 burn_in=0 every=5000",
      w.size());
  advance(*psgld, w, {.steps = 1500});
  // Steps of 2 a P / N with P = 1 / (0.05 + sqrt(V)), V the mean square of 0.3 w, vary with V and are
  // small: within 6 % of 1 / 4.
  EXPECT_NEAR(mean_square(w) * 4, 1, 0.06);
}

TEST(Psgld, RefusesStepsThatOvershootThePrior) {
  Weights w{1};
  try {
    advance(*sampler("psgld", "learning_rate=0.5 prior_variance=1 damping=0.0078125 burn_in=0", 1),
            w, {});
    FAIL() << "0.5 * 128 / (10 * 1)";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("psgld.damping"));
    EXPECT_THAT(e.what(), HasSubstr("is 6.4, must be below 2"));
  }
}

// v = -0.5 * 0.4 = -0.2, w = 0.8; v = 0.6 * -0.2 - 0.5 * 0.32 = -0.28, w = 0.52.
TEST(Sghmc, DescendsByHandWithoutTemperature) {
  const auto sghmc = sampler(
      "sghmc", "learning_rate=0.5 prior_variance=1 friction=0.4 temperature=0 burn_in=0", 2);
  Weights w{1, -2};
  advance(*sghmc, w, {});
  EXPECT_FLOAT_EQ(w[0], 0.8F);
  advance(*sghmc, w, {.first = 1});
  EXPECT_FLOAT_EQ(w[0], 0.52F);
  EXPECT_FLOAT_EQ(w[1], -1.04F);
}

// sqrt(2 * (0.5 - 0.1) * 0.8 * 0.5 / 10) e.
TEST(Sghmc, NoiseByHand) {
  Weights w(6, 0);
  advance(*sampler("sghmc",
                   "learning_rate=0.8 prior_variance=1 friction=0.5 noise_estimate=0.1 "
                   "temperature=0.5 burn_in=0",
                   6),
          w, {});
  Weights e(6);
  Random(5).at("sghmc", 0).normals(e);
  for (std::size_t i = 0; i < w.size(); ++i) {
    EXPECT_NEAR(w[i], std::sqrt(0.032) * e[i], 1e-6) << i;
  }
}

// An autoregression of order 2, phi1 = 2 - alpha - eta P, phi2 = -(1 - alpha), noise 2 alpha eta: its
// variance is 1 / (P (1 - eta P / (2 (2 - alpha)))). P = 10 * 0.3 + 1, eta = 2 / 10.
TEST(Sghmc, StationaryVariance) {
  for (const double friction : {0.5, 1.0}) {
    Weights w(40000, 0);
    advance(*sampler("sghmc",
                     "learning_rate=2 prior_variance=1 burn_in=0 every=1000 friction=" +
                         to_text(OptionValue(friction)),
                     w.size()),
            w, {.steps = 60});
    EXPECT_NEAR(mean_square(w) * 4 * (1 - 0.8 / (2 * (2 - friction))), 1, 0.035) << friction;
  }
}

TEST(Sghmc, RefusesMoreNoiseThanFriction) {
  try {
    sampler("sghmc", "learning_rate=1 prior_variance=1 friction=0.1 noise_estimate=0.2 burn_in=0",
            1);
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("must be at most the friction 0.1"));
  }
}

}  // namespace
}  // namespace gapbench::test
