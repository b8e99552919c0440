// Effective sample sizes and R-hat: by pencil, of autoregressions in closed form, and of chains that do
// not mix.
#include "train/mixing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "gapbench/random.h"

namespace gapbench::train {
namespace {

using ::testing::ElementsAre;

/// x_t = phi x_(t-1) + e, from its stationary distribution.
std::vector<double> autoregression(double phi, std::size_t draws, Random random) {
  std::vector<double> x(draws);
  x[0] = random.normal() / std::sqrt(1 - phi * phi);
  for (std::size_t t = 1; t < draws; ++t) x[t] = phi * x[t - 1] + random.normal();
  return x;
}

Chains autoregressions(double phi, std::size_t chains, std::size_t draws, std::uint64_t seed = 1) {
  Chains all;
  for (std::size_t j = 0; j < chains; ++j) {
    all.push_back(autoregression(phi, draws, Random(seed).at("chain", j)));
  }
  return all;
}

// Deviations 1/2 from the mean: a(t) = (8 - 3 t) / 32 for t <= 4. W = 2/7, V = 1/4, so r_1 = 27/56 and
// r_2 + r_3 = 6/56 - 15/56 < 0: tau = -1 + 2 (83/56) = 55/28.
TEST(EffectiveSampleSize, ByPencil) {
  EXPECT_NEAR(*effective_sample_size({{0, 0, 0, 0, 1, 1, 1, 1}}), 8 * 28.0 / 55, 1e-12);
}

// A swing of period 5/2 on a slow one: r_2 + r_3 exceeds 1 + r_1, and counts no more than that.
TEST(EffectiveSampleSize, IsMonotone) {
  constexpr std::size_t n = 120;
  std::vector<double> x(n);
  for (std::size_t t = 0; t < n; ++t) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(t);
    x[t] = 1.5 * std::cos(turn / 2.5) + std::cos(turn / 60);
  }
  double mean = 0;
  for (const double v : x) mean += v / n;
  std::vector<double> a(n);
  for (std::size_t t = 0; t < n; ++t) {
    for (std::size_t i = t; i < n; ++i) a[t] += (x[i - t] - mean) * (x[i] - mean) / n;
  }
  std::vector<double> pairs;
  const double whole = a[0];  // V of one chain
  for (std::size_t k = 0; k < n / 2; ++k) {
    const auto r = [&](std::size_t t) {
      return t == 0 ? 1 : 1 - (whole * n / (n - 1.0) - a[t]) / whole;
    };
    pairs.push_back(r(2 * k) + r(2 * k + 1));
  }
  ASSERT_GT(pairs[1], pairs[0] + 0.1) << "something to cut";
  double tau = -1;
  double lowest = pairs[0];
  for (std::size_t k = 0; pairs[k] >= 0; ++k) {
    lowest = std::min(lowest, pairs[k]);
    tau += 2 * lowest;
  }
  ASSERT_GT(tau, 2);
  EXPECT_NEAR(*effective_sample_size({x}), n / tau, 1e-6);
}

// (1 - phi) / (1 + phi) of the draws. 4 chains of 10,000.
TEST(EffectiveSampleSize, OfAutoregressions) {
  for (const double phi : {-0.3, 0.0, 0.5, 0.9}) {
    const double expected = 40000 * (1 - phi) / (1 + phi);
    const Chains chains = autoregressions(phi, 4, 10000);
    EXPECT_NEAR(*effective_sample_size(chains) / expected, 1, 0.1) << phi;
    EXPECT_NEAR(*bulk_effective_sample_size(chains) / expected, 1, 0.1) << phi;
    EXPECT_LT(*rank_normalized_split_r_hat(chains), 1.01) << phi;
  }
}

TEST(EffectiveSampleSize, OneChainIsEnough) {
  const double expected = 20000 / 3.0;
  EXPECT_NEAR(*effective_sample_size(autoregressions(0.5, 1, 20000)) / expected, 1, 0.1);
}

// Means 1/2 and 3/2, variances 1/3: W = 1/3, B = 2, V = 3/4 * 1/3 + 2/4 = 3/4.
TEST(RHat, ByPencil) { EXPECT_NEAR(*r_hat({{0, 1, 0, 1}, {1, 2, 1, 2}}), 1.5, 1e-12); }

TEST(Halves, DropTheMiddle) {
  EXPECT_THAT(halves({{1, 2, 3, 4, 5}}), ElementsAre(ElementsAre(1, 2), ElementsAre(4, 5)));
}

// Ranks 1, 4, 2.5, 2.5 of 4: Phi^-1(0.625 / 4.25) = -1.0491314.
TEST(RankNormalized, ByPencil) {
  const Chains z = rank_normalized({{10, 1e9}, {20, 20}});
  EXPECT_NEAR(z[0][0], -1.0491314, 1e-6);
  EXPECT_NEAR(z[0][1], 1.0491314, 1e-6);
  EXPECT_NEAR(z[1][0], 0, 1e-12);
  EXPECT_EQ(z[1][0], z[1][1]);
}

TEST(Folded, AroundTheMedianOfAll) {
  EXPECT_THAT(folded({{1, 2}, {4, 11}}), ElementsAre(ElementsAre(2, 1), ElementsAre(1, 8)));
}

// A drift within one chain shows in its halves alone.
TEST(SplitRHat, SeesADrift) {
  Chains chains = autoregressions(0, 1, 1000);
  EXPECT_LT(*rank_normalized_split_r_hat(chains), 1.01);
  for (std::size_t t = 0; t < 1000; ++t) chains[0][t] += 0.002 * static_cast<double>(t);
  EXPECT_GT(*rank_normalized_split_r_hat(chains), 1.2);
}

// Chains of one mean and two scales: only the folded values tell.
TEST(SplitRHat, SeesScalesThatDiffer) {
  Chains chains = autoregressions(0, 2, 2000);
  for (double& x : chains[1]) x *= 3;
  EXPECT_LT(*r_hat(rank_normalized(halves(chains))), 1.01);
  EXPECT_GT(*rank_normalized_split_r_hat(chains), 1.1);
}

// Ranks: one draw far out does not hide that the chains differ.
TEST(SplitRHat, IsNotFooledByATail) {
  Chains chains = autoregressions(0, 2, 500);
  for (double& x : chains[1]) x += 2;
  chains[0][3] = 1e6;
  EXPECT_LT(*r_hat(chains), 1.01);
  EXPECT_GT(*rank_normalized_split_r_hat(chains), 1.3);
}

TEST(Mixing, NothingOfWhatSaysNothing) {
  for (const Chains& chains : {Chains{}, Chains{{1, 2, 3}}, Chains{{5, 5, 5, 5}, {5, 5, 5, 5}},
                               Chains{{1, 2, 3, 4}, {1, 2, 3, 4, 5}}, Chains{{1, 2, 3, NAN}}}) {
    EXPECT_FALSE(effective_sample_size(chains));
    EXPECT_FALSE(r_hat(chains));
  }
  EXPECT_FALSE(bulk_effective_sample_size({{1, 2, 3, 4, 5, 6, 7}})) << "halves of three";
  EXPECT_FALSE(rank_normalized_split_r_hat({{1, 2, 3, 4, 5, 6, 7}}));
}

// Two states, one change: worth about one draw a state.
TEST(Mixing, AChainThatMovedOnce) {
  std::vector<double> x(200, 0.0);
  std::fill(x.begin() + 100, x.end(), 1.0);
  EXPECT_LT(*bulk_effective_sample_size({x}), 3);
  EXPECT_EQ(*rank_normalized_split_r_hat({x}), HUGE_VAL);
}

}  // namespace
}  // namespace gapbench::train
