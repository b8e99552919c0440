// kl^-1 and the complexity of a posterior, against closed forms and figures worked out by hand.
#include "gapbench/pac_bayes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace gapbench {
namespace {

TEST(BernoulliKl, ByHand) {
  EXPECT_NEAR(bernoulli_kl(0.5, 0.25), 0.5 * std::log(2) + 0.5 * std::log(2 / 3.0), 1e-15);
  EXPECT_EQ(bernoulli_kl(0.3, 0.3), 0);
  EXPECT_NEAR(bernoulli_kl(0, 0.75), std::log(4), 1e-15);
  EXPECT_EQ(bernoulli_kl(1, 1), 0);
  EXPECT_TRUE(std::isinf(bernoulli_kl(0.5, 1)));
  EXPECT_TRUE(std::isinf(bernoulli_kl(0.5, 0)));
}

// kl(0 || p) = -log(1 - p).
TEST(BernoulliKlInverse, WithoutErrorsIsExponential) {
  for (const double c : {1e-6, 0.01, 0.5, 3.0}) {
    EXPECT_NEAR(bernoulli_kl_inverse(0, c), 1 - std::exp(-c), 1e-15) << c;
  }
}

TEST(BernoulliKlInverse, Inverts) {
  for (const double q : {0.001, 0.028, 0.3, 0.5, 0.9}) {
    EXPECT_NEAR(bernoulli_kl_inverse(q, 0), q, 1e-7);  // kl is flat there
    for (const double c : {0.001, 0.094, 1.0}) {
      const double p = bernoulli_kl_inverse(q, c);
      EXPECT_GT(p, q);
      EXPECT_NEAR(bernoulli_kl(q, p), c, 1e-9) << q;
    }
  }
  EXPECT_EQ(bernoulli_kl_inverse(1, 0.1), 1);
  EXPECT_LE(bernoulli_kl_inverse(0.9, 50), 1);
}

// The figures of a network of 471,601 parameters on 55,000 images: KL 5,144 nats, prior variance e^-6 of
// 0.1 exp(-j / 100), delta 0.025; 150,000 networks with an error of 0.028.
TEST(PacBayes, FiguresOfABinaryMnistNetwork) {
  const double above = bernoulli_kl_inverse(0.028, std::log(200) / 150000);
  EXPECT_NEAR(above, 0.0294, 5e-5);
  const double j = 100 * (std::log(0.1) + 6);
  const Divergence divergence{5144, std::log(std::numbers::pi * std::numbers::pi * j * j / 6)};
  const double b = pac_bayes_complexity(divergence, 55000, 0.025);
  EXPECT_NEAR(b, 0.09402, 5e-6);
  EXPECT_NEAR(bernoulli_kl_inverse(above, b), 0.1637, 5e-5);
  EXPECT_NEAR(bernoulli_kl_inverse(0.028, b), 0.1610, 5e-5);
  EXPECT_NEAR(0.028 + std::sqrt(b / 2), 0.2448, 5e-4);  // Pinsker's is looser
}

}  // namespace
}  // namespace gapbench
