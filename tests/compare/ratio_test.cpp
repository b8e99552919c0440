#include "compare/statistics/ratio.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compare/error_of.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using Values = std::vector<double>;

const Values x{0.5, 2.5, 1, 3};
const Values y{4, 5, 6, 6};

/// The t interval of x_i - r y_i.
Interval at(double r) {
  Values rest;
  for (std::size_t i = 0; i < x.size(); ++i) rest.push_back(x[i] - r * y[i]);
  return *t_interval(rest);
}

// 4.302653 is the quantile of t for two degrees of freedom; mean 5, deviation 1.
TEST(RatioInterval, OfAConstantNumerator) {
  const auto r = ratio_interval(Values{2, 2, 2}, Values{4, 5, 6});
  const double half = 4.302653 / std::sqrt(3.0);
  EXPECT_NEAR(r->low, 2 / (5 + half), 1e-7);
  EXPECT_NEAR(r->high, 2 / (5 - half), 1e-7);
}

TEST(RatioInterval, OfAConstantDenominatorIsThatOfTheMean) {
  const auto r = ratio_interval(Values{2, 3, 7}, Values{-4, -4, -4});
  const auto of_mean = t_interval(Values{2, 3, 7});
  EXPECT_NEAR(r->low, of_mean->high / -4, 1e-14);
  EXPECT_NEAR(r->high, of_mean->low / -4, 1e-14);
}

// What defines it: at either end the t interval of x - r y ends at 0.
TEST(RatioInterval, EndsWhereTheDifferenceIsJustNotKnownFromZero) {
  const auto r = ratio_interval(x, y);
  EXPECT_NEAR(at(r->low).low, 0, 1e-12);
  EXPECT_NEAR(at(r->high).high, 0, 1e-12);
  EXPECT_GT(at(r->low).high, 0.1);
  EXPECT_LT(at(r->high).low, -0.1);
  EXPECT_LT(ratio_interval(x, y, 0.9)->width(), r->width());
}

TEST(RatioInterval, FollowsItsUnits) {
  Values ten;
  Values negative;
  for (const double v : x) ten.push_back(10 * v);
  for (const double v : y) negative.push_back(-v);
  EXPECT_NEAR(ratio_interval(ten, y)->high, 10 * ratio_interval(x, y)->high, 1e-13);
  EXPECT_NEAR(ratio_interval(x, negative)->low, -ratio_interval(x, y)->high, 1e-14);
}

TEST(RatioInterval, OfPairsInProportionHasNoWidth) {
  const Values thirds{4.0 / 3, 5.0 / 3, 2, 2};
  EXPECT_EQ(ratio_interval(y, y)->low, 1);
  EXPECT_EQ(ratio_interval(y, y)->high, 1);
  EXPECT_NEAR(ratio_interval(thirds, y)->width(), 0, 1e-12);
}

// t interval of {1, 2, 3}: 2 ± 2.48, of {2, 3, 4}: 3 ± 2.48.
TEST(RatioInterval, NoneWhereTheDenominatorMayBeZero) {
  EXPECT_FALSE(ratio_interval(Values{1, 1, 1}, Values{1, 2, 3}));
  EXPECT_TRUE(ratio_interval(Values{1, 1, 1}, Values{2, 3, 4}));
  EXPECT_TRUE(ratio_interval(Values{1, 1, 1}, Values{-2, -3, -4}));
  EXPECT_FALSE(ratio_interval(Values{1, 1}, Values{0, 0}));
  EXPECT_FALSE(ratio_interval(Values{1}, Values{2}));
  EXPECT_FALSE(ratio_interval({}, {}));
}

TEST(RatioInterval, RefusesWhatIsNoSample) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_of([] {
              ratio_interval(Values{1, 2}, Values{1});
            }),
            "ratio interval: 2 values against 1");
  EXPECT_THAT(error_of([] {
                ratio_interval(Values{1, nan}, Values{1, 2});
              }),
              HasSubstr("value 1 is nan"));
  EXPECT_THAT(error_of([] {
                ratio_interval(Values{1, 2}, Values{nan, 2});
              }),
              HasSubstr("value 0 is nan"));
  EXPECT_THAT(error_of([] { ratio_interval(x, y, 1); }), HasSubstr("level 1"));
}

}  // namespace
}  // namespace gapbench::compare
