// Rank correlations and what goes with them, by hand and against SciPy.
#include "compare/statistics/measure_ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gapbench/random.h"

namespace gapbench::compare {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Optional;

std::vector<Ranked> row(const std::vector<double>& measures, const std::vector<double>& gaps) {
  std::vector<Ranked> networks;
  for (std::size_t i = 0; i < measures.size(); ++i) networks.push_back({{i}, measures[i], gaps[i]});
  return networks;
}

// Pairs of (1, 2, 3) with (1, 3, 2): two agree, one does not.
TEST(KendallTau, ByHand) {
  EXPECT_THAT(kendall_tau(row({1, 2, 3}, {1, 3, 2})), Optional(DoubleNear(1.0 / 3, 1e-12)));
  EXPECT_EQ(kendall_tau(row({1, 2, 3}, {3, 2, 1})), std::optional(-1.0));
  EXPECT_EQ(kendall_tau(row({1, 1, 1}, {1, 2, 3})), std::nullopt);
  EXPECT_EQ(kendall_tau(row({1}, {1})), std::nullopt);
}

// Of 28 pairs 2 tie in the measure (2, 2 and 4, 4) and 3 in the gap (3, 3, 3); of the rest 21 agree and
// 2 do not.
TEST(KendallTau, WithTies) {
  EXPECT_THAT(kendall_tau(row({1, 2, 2, 3, 5, 4, 4, 9}, {2, 1, 3, 3, 8, 5, 3, 6})),
              Optional(DoubleNear(19 / std::sqrt(26.0 * 25), 1e-12)));
}

// Two axes of two levels. Along the first the measure agrees at both levels of the second; along the
// second once and once not.
//   at (0,0) (1,0) (0,1) (1,1):  measure 1 3 2 2.5,  gap 1 3 2 4
std::vector<Ranked> square() {
  return {{{0, 0}, 1, 1}, {{1, 0}, 3, 3}, {{0, 1}, 2, 2}, {{1, 1}, 2.5, 4}};
}

TEST(Granulated, IsTheMeanAlongEachAxis) {
  const auto by_axis = granulated(square());
  EXPECT_THAT(by_axis, ElementsAre(Optional(1.0), Optional(0.0)));
  EXPECT_THAT(mean_of(by_axis), Optional(0.5));
  EXPECT_THAT(kendall_tau(square()), Optional(DoubleNear(4.0 / 6, 1e-12)));
}

TEST(Granulated, AnAxisOnWhichNoTwoDifferAloneSaysNothing) {
  const std::vector<Ranked> diagonal{{{0, 0}, 1, 1}, {{1, 1}, 2, 2}};
  EXPECT_THAT(granulated(diagonal), ElementsAre(std::nullopt, std::nullopt));
  EXPECT_EQ(mean_of(granulated(diagonal)), std::nullopt);
}

// Differences of 2, 2 along the first axis and 1, 1 along the second: errors 0 and (0, 1).
TEST(SignErrors, ByHand) {
  const auto plain = sign_errors(square(), std::nullopt);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->environments, 2U);
  EXPECT_EQ(plain->largest, 0.5);
  EXPECT_EQ(plain->ninetieth, 0.5);
  EXPECT_EQ(plain->mean, 0.25);
}

// Gaps of 0.02 and 0.2 over 100 examples: Hoeffding's weight is 0 for the first, (1 - 2 exp(-2))^2 for
// the second, whose sign is right.
TEST(SignErrors, WhatIsNotSureHasNoWeight) {
  const std::vector<Ranked> networks{
      {{0, 0}, 1, 0}, {{1, 0}, 0, 0.02}, {{0, 1}, 1, 0.5}, {{1, 1}, 2, 0.7}};
  const auto errors = sign_errors(networks, 100.0);
  ASSERT_TRUE(errors);
  EXPECT_EQ(errors->environments, 2U);
  EXPECT_LT(errors->mean, 0.5);
  const std::vector<Ranked> close{{{0}, 1, 0}, {{1}, 0, 0.02}};
  EXPECT_EQ(sign_errors(close, 100.0), std::nullopt);
}

TEST(ConditionalInformation, IsOneOfTheGapItselfAndZeroOfNothing) {
  std::vector<Ranked> grid;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      for (std::size_t c = 0; c < 3; ++c) {
        const double gap = Random(1).at("gap", a * 9 + b * 3 + c).uniform();
        grid.push_back({{a, b, c}, gap, gap});
      }
    }
  }
  EXPECT_THAT(conditional_information(grid), Optional(1.0));
  for (Ranked& network : grid) network.measure = 7;
  EXPECT_THAT(conditional_information(grid), Optional(0.0));
}

// A measure that only knows the first axis, as the gap does: given that axis it tells nothing.
TEST(ConditionalInformation, SeesThroughAMeasureThatKnowsAnAxis) {
  std::vector<Ranked> grid;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 4; ++b) {
      const auto level = static_cast<double>(a);
      const double noise = Random(2).at("gap", a * 4 + b).uniform();
      grid.push_back({{a, b}, level, level + noise / 10});
    }
  }
  EXPECT_GT(kendall_tau(grid).value(), 0.8);
  EXPECT_THAT(conditional_information(grid), Optional(DoubleNear(0, 1e-12)));
}

// The levels of both networks tell the order of their gaps; without them the measure tells all.
TEST(ConditionalInformation, PassesOverAxesThatTellAll) {
  EXPECT_THAT(conditional_information(row({1, 2}, {1, 2})), Optional(1.0));
  EXPECT_EQ(conditional_information(row({1, 2}, {1, 1})), std::nullopt);
}

}  // namespace
}  // namespace gapbench::compare
