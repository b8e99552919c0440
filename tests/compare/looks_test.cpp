#include "compare/statistics/looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compare/error_of.h"
#include "compare/statistics/e_value.h"
#include "compare/statistics/outlook.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<double>;
using Looks = std::vector<std::size_t>;

TEST(Looks, OneLookIsTheTest) {
  EXPECT_NEAR(chance_of_rejection(Looks{2}, 0.05), 0.05, 1e-9);
  EXPECT_NEAR(chance_of_rejection(Looks{5}, 0.05), 0.05, 1e-6);
  EXPECT_NEAR(chance_of_rejection(Looks{100}, 0.01), 0.01, 1e-6);
  EXPECT_EQ(nominal_level(Looks{7}, 0.03), 0.03);
}

// Two values, then a third, all on the circle and the sphere: with c* the limits of the two tests,
// the chance of no rejection is the area of a piece of the sphere, here by a plain sum.
TEST(Looks, OfTwoAndThreeValuesIsAnAreaOnTheSphere) {
  constexpr int steps = 1000;
  const double t2 = std::tan(std::acos(-1.0) * 0.45);  // one degree of freedom, p = 0.1
  const double t3 = 2.919986;                          // two
  std::size_t in = 0;
  std::size_t all = 0;
  for (int i = 0; i < steps; ++i) {
    for (int j = 0; j < steps; ++j) {
      const double z = -1 + (2 * i + 1.0) / steps;  // of the third value, uniform on the sphere
      const double angle = 2 * std::acos(-1.0) * j / steps;
      const double x = std::sqrt(1 - z * z) * std::cos(angle);
      const double y = std::sqrt(1 - z * z) * std::sin(angle);
      const double c2 = std::abs(x + y) / std::sqrt(2 * (x * x + y * y));
      const double c3 = std::abs(x + y + z) / std::sqrt(3.0);
      ++all;
      const bool first = c2 / std::sqrt(std::max(1e-300, 1 - c2 * c2)) < t2;
      const bool second = std::sqrt(2.0) * c3 / std::sqrt(std::max(1e-300, 1 - c3 * c3)) < t3;
      in += first && second ? 1U : 0U;
    }
  }
  const double rejected = 1 - static_cast<double>(in) / static_cast<double>(all);
  EXPECT_NEAR(chance_of_rejection(Looks{2, 3}, 0.1), rejected, 5e-4);
}

// With many values t is normal: Armitage, McPherson and Rowe 1969, J. R. Stat. Soc. A 132, table 2,
// 0.083 and 0.107 for two and three looks at equal distances.
TEST(Looks, OfManyValuesAreThePublishedOnes) {
  EXPECT_NEAR(chance_of_rejection(Looks{100, 200}, 0.05), 0.083, 0.001);
  EXPECT_NEAR(chance_of_rejection(Looks{60, 120, 180}, 0.05), 0.107, 0.0015);
}

TEST(Looks, EachAddsToTheChance) {
  const double once = chance_of_rejection(Looks{5}, 0.05);
  const double twice = chance_of_rejection(Looks{5, 6}, 0.05);
  const double often = chance_of_rejection(Looks{5, 6, 7}, 0.05);
  EXPECT_GT(twice, once + 0.005);
  EXPECT_GT(often, twice + 0.005);
  EXPECT_LT(often, 0.15);
}

TEST(Looks, NominalLevelKeepsTheChance) {
  const Looks looks{5, 8, 12, 20};
  const double level = nominal_level(looks, 0.05);
  EXPECT_NEAR(level, 0.0165, 0.00005);
  EXPECT_NEAR(chance_of_rejection(looks, level), 0.05, 1e-6);
  EXPECT_LT(nominal_level(looks, 0.01), 0.01 / 2);
}

TEST(Looks, RefusesWhatIsNoPlan) {
  EXPECT_EQ(error_of([] { nominal_level({}, 0.05); }), "looks: none given");
  EXPECT_EQ(error_of([] {
              nominal_level(Looks{1, 5}, 0.05);
            }),
            "looks: at 1 seeds, but two are the fewest that tell of an error");
  EXPECT_EQ(error_of([] {
              nominal_level(Looks{5, 8, 8}, 0.05);
            }),
            "looks: 8 after 8, but each must have more seeds than the last");
  EXPECT_THAT(error_of([] { nominal_level(Looks{5}, 5); }), HasSubstr("level 5"));
}

// Values 0 2: t = 1, nu = 1, 1 + n g = 5: sqrt(1/5) (2 / 1.2)^1.
TEST(EValue, ByHand) {
  EXPECT_NEAR(e_value(Values{0, 2}), std::sqrt(0.2) * 2 / 1.2, 1e-15);
  EXPECT_NEAR(e_value(Values{0, -2}), std::sqrt(0.2) * 2 / 1.2, 1e-15);
  EXPECT_NEAR(e_value(Values{-1, 1}), std::sqrt(0.2), 1e-15);
  EXPECT_NEAR(e_value(Values{0, 2}, 1), std::sqrt(1 / 3.0) * 2 / (1 + 1 / 3.0), 1e-15);
}

TEST(EValue, OfLittle) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(e_value({}), 1);
  EXPECT_EQ(e_value(Values{3}), 1);
  EXPECT_EQ(e_value(Values{0, 0}), 1 / std::sqrt(5.0));
  EXPECT_NEAR(e_value(Values{3, 3}), std::sqrt(5.0), 1e-12);
  EXPECT_THAT(error_of([] { e_value(Values{nan}); }), HasSubstr("value 0 is nan"));
  EXPECT_EQ(error_of([] {
              e_value(Values{1, 2}, 0);
            }),
            "e value: g 0 is not a positive finite number");
}

bool mean_above_zero(const Samples& samples) {
  double sum = 0;
  for (const double x : samples[0]) sum += x;
  return sum > 0;
}

TEST(Outlook, OfADecisionThatIsMade) {
  const Looks looks{3, 5};
  const auto o = outlook({{1, 2, 3}}, looks, mean_above_zero, Random(1));
  EXPECT_THAT(o->decided, ElementsAre(1, 1));
  EXPECT_EQ(o->seeds, 3);
}

// Seen are -3 -2 -1, t = -3.46; the mean of six values is above 0 where that of three new ones is
// above 2, 4 away from -2 in errors of sqrt(1/3 + 1/3) = 0.816: t_2 > 4.90, p = 0.0196. Standard
// error over 20,000 futures 0.001.
TEST(Outlook, IsPredictive) {
  const Looks looks{3, 6};
  const auto o = outlook({{-3, -2, -1}}, looks, mean_above_zero, Random(1), 20000);
  EXPECT_EQ(o->decided[0], 0);
  EXPECT_NEAR(o->decided[1], 0.0196, 0.003);
  EXPECT_EQ(o->seeds, 6);
}

TEST(Outlook, FillsUpShorterSamplesAndCountsSeeds) {
  const Looks looks{3, 4, 6};
  std::vector<std::size_t> sizes;
  const auto decided = [&](const Samples& s) {
    sizes.push_back(s[0].size());
    sizes.push_back(s[1].size());
    return s[0].size() == 4;
  };
  const auto o = outlook({{1, 2, 3}, {4, 5}}, looks, decided, Random(2), 1);
  EXPECT_THAT(sizes, ElementsAre(3, 2, 4, 4));
  EXPECT_THAT(o->decided, ElementsAre(0, 1, 1));
  EXPECT_EQ(o->seeds, 4);
}

TEST(Outlook, OfLittle) {
  const Looks looks{3, 5};
  EXPECT_FALSE(outlook({{1}}, looks, mean_above_zero, Random(1)));
  EXPECT_FALSE(outlook({{1, 1, 1}}, looks, mean_above_zero, Random(1)));
  const auto spent = outlook({{-1, -2, -3, -4, -6}}, looks, mean_above_zero, Random(1));
  EXPECT_THAT(spent->decided, ElementsAre(0, 0));
  EXPECT_EQ(spent->seeds, 5);
  EXPECT_EQ(error_of([&] { outlook({}, looks, mean_above_zero, Random(1)); }),
            "outlook: no samples");
  EXPECT_EQ(error_of([&] {
              outlook({{1, 2}}, {}, mean_above_zero, Random(1));
            }),
            "outlook: no looks");
}

}  // namespace
}  // namespace gapbench::compare
