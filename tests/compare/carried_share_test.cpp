#include "compare/statistics/carried_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compare/error_of.h"
#include "compare/statistics/sample.h"
#include "compare/statistics/welch.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// |mean b - r mean a| - q(nu(r)) sqrt(v_b + r^2 v_a), as the header writes it.
double excess(const Values& a, const Values& b, double r, double confidence = 0.95) {
  const auto v = [](const Values& x) {
    const double s = summary(x).deviation;
    return s * s / static_cast<double>(x.size());
  };
  const double v_a = r * r * v(a);
  const double v_b = v(b);
  const auto df = [](const Values& x) { return static_cast<double>(x.size() - 1); };
  const double nu = (v_a + v_b) * (v_a + v_b) / (v_a * v_a / df(a) + v_b * v_b / df(b));
  return std::abs(summary(b).mean - r * summary(a).mean) -
         student_quantile(nu, confidence) * std::sqrt(v_a + v_b);
}

/// Outside no r of a dense grid belongs to the set, at the ends and just inside they do.
void expect_ends(const Values& a, const Values& b) {
  const auto theta = carried_interval(a, b);
  ASSERT_TRUE(theta);
  EXPECT_NEAR(excess(a, b, theta->low), 0, 1e-8);
  EXPECT_NEAR(excess(a, b, theta->high), 0, 1e-8);
  const double margin = 1e-6 * theta->width();
  EXPECT_LT(excess(a, b, theta->low + margin), 0);
  EXPECT_LT(excess(a, b, theta->high - margin), 0);
  for (double step = margin; step < 1e6 * theta->width(); step *= 1.05) {
    EXPECT_GT(excess(a, b, theta->low - step), 0) << step;
    EXPECT_GT(excess(a, b, theta->high + step), 0) << step;
  }
}

TEST(CarriedInterval, EndsWhereItsDefinitionSays) {
  expect_ends({3, 4, 5}, {1, 2, 4});
  expect_ends({3, 4, 5, 4.5}, {-1, 2, 0.5});
  expect_ends({-3, -4, -5}, {1, 2, 4, 7, -3, 1});
  expect_ends({2.1, 3.9, 3.2, 2.8, 3.5}, {0.01, 0.02, -0.01, 0.015, 0.03});
  expect_ends({0.30, 0.31, 0.32}, {-5, 14, 3, 8});
  expect_ends({1.0, 1.9, 1.4, 1.2, 1.7, 0.9, 1.1, 1.5, 1.2, 1.6}, {0.1, -0.2, 0.3});
}

// Three seeds on A, 1.005 times as far off 0 as their interval reaches, ten on B: q grows with r,
// and the set is [.., 0.50] and [3.2, 18.8].
TEST(CarriedInterval, ReachesOverAGapOfItsSet) {
  const Values a{3 - 1.20166, 3, 3 + 1.20166};
  ASSERT_FALSE(t_interval(a)->covers(0));
  Values b;
  for (int i = 0; i < 10; ++i) b.push_back(1.0 / 3 + (i % 2 == 0 ? 1 : -1));
  ASSERT_GT(excess(a, b, 1.5), 0);
  ASSERT_LT(excess(a, b, 6), 0);
  EXPECT_GT(carried_interval(a, b)->high, 18);
  expect_ends(a, b);
}

// t quantile of two degrees of freedom 4.302653, of four 2.776445; A is known beside B: the
// interval is that of B's mean over A's.
TEST(CarriedInterval, OfAnEffectKnownBesideTheOther) {
  const Values b{1, 2, 3};
  const auto theta = carried_interval(Values{4 - 1e-7, 4, 4 + 1e-7}, b);
  const double half = 4.302653 / std::sqrt(3.0);
  EXPECT_NEAR(theta->low, (2 - half) / 4, 1e-6);
  EXPECT_NEAR(theta->high, (2 + half) / 4, 1e-6);
}

// At r = 1 with equal spreads nu is 4: an end lies at 1 where mean a - mean b is just 2.776445
// standard errors.
TEST(CarriedInterval, OfEqualSpreads) {
  const double apart = 2.776445 * std::sqrt(2 / 3.0);
  const Values a{9, 10, 11};
  const Values b{9 - apart, 10 - apart, 11 - apart};
  EXPECT_NEAR(carried_interval(a, b)->high, 1, 1e-7);
}

TEST(CarriedInterval, FollowsUnitsAndSigns) {
  const Values a{3, 4, 5.5};
  const Values b{1, 2, 0.4};
  const Values minus_a{-3, -4, -5.5};
  const Values minus_b{-1, -2, -0.4};
  const Values ten_b{10, 20, 4};
  const auto theta = carried_interval(a, b);
  EXPECT_NEAR(carried_interval(minus_a, minus_b)->low, theta->low, 1e-12);
  EXPECT_NEAR(carried_interval(a, minus_b)->low, -theta->high, 1e-9);
  EXPECT_NEAR(carried_interval(minus_a, b)->high, -theta->low, 1e-9);
  EXPECT_NEAR(carried_interval(a, ten_b)->high, 10 * theta->high, 1e-9);
  EXPECT_LT(carried_interval(a, b, 0.9)->width(), theta->width());
}

TEST(CarriedInterval, NoneWhereNothingIsKnown) {
  EXPECT_FALSE(carried_interval(Values{1, 2, 3}, Values{4, 5, 6}));  // 2 ± 2.48
  EXPECT_TRUE(carried_interval(Values{2, 3, 4}, Values{4, 5, 6}));
  EXPECT_FALSE(carried_interval(Values{2, 2, 2}, Values{4, 5, 6}));
  EXPECT_FALSE(carried_interval(Values{2, 3, 4}, Values{5, 5, 5}));
  EXPECT_FALSE(carried_interval(Values{2}, Values{4, 5, 6}));
  EXPECT_FALSE(carried_interval({}, {}));
  EXPECT_THAT(error_of([] {
                carried_interval(Values{1, nan}, Values{1, 2});
              }),
              HasSubstr("first data set: value 1 is nan"));
  EXPECT_THAT(error_of([] {
                carried_interval(Values{1, 2}, Values{nan});
              }),
              HasSubstr("second data set: value 0 is nan"));
  EXPECT_THAT(error_of([] {
                carried_interval(Values{1, 2}, Values{1, 2}, 95);
              }),
              HasSubstr("level 95"));
}

TEST(Zone, LiesBetweenZeroAndTheShare) {
  EXPECT_EQ(zone_of({0.6, 0.9}, 0.5), Zone::reproduces);
  EXPECT_EQ(zone_of({0.5, 0.9}, 0.5), Zone::share_open);
  EXPECT_EQ(zone_of({0.1, 0.5}, 0.5), Zone::share_open);
  EXPECT_EQ(zone_of({0.1, 0.4}, 0.5), Zone::weaker);
  EXPECT_EQ(zone_of({0, 0.4}, 0.5), Zone::at_most);
  EXPECT_EQ(zone_of({-7, 0}, 0.5), Zone::at_most);
  EXPECT_EQ(zone_of({-0.1, 0.5}, 0.5), Zone::cannot_tell);
  EXPECT_EQ(zone_of({-0.2, -0.1}, 0.5), Zone::reverses);
  EXPECT_EQ(zone_of({0.6, 0.9}, 0.75), Zone::share_open);
}

TEST(Zone, HasAWord) {
  EXPECT_EQ(to_text(Zone::reproduces, 0.5), "reproduces");
  EXPECT_EQ(to_text(Zone::weaker, 0.5), "reproduces, weaker");
  EXPECT_EQ(to_text(Zone::share_open, 0.5), "same sign, share open");
  EXPECT_EQ(to_text(Zone::at_most, 0.25), "at most 0.25 reproduces");
  EXPECT_EQ(to_text(Zone::reverses, 0.5), "reverses");
  EXPECT_EQ(to_text(Zone::cannot_tell, 0.5), "cannot tell");
}

TEST(CarriedShare, HasValueIntervalZoneAndLoss) {
  const Values a{9, 10, 11};
  const Values b{8, 9, 7};
  const CarriedShare r = carried_share(a, b);
  EXPECT_EQ(r.value, 0.8);
  EXPECT_EQ(r.interval->low, carried_interval(a, b)->low);
  EXPECT_EQ(r.interval->high, carried_interval(a, b)->high);
  EXPECT_EQ(r.zone, Zone::reproduces);
  EXPECT_EQ(r.gap, Gap::none);
  const double half = 2.776445 * std::sqrt(2 / 3.0);  // four degrees of freedom
  EXPECT_NEAR(r.lost->low, 2 - half, 1e-6);
  EXPECT_NEAR(r.lost->high, 2 + half, 1e-6);
  EXPECT_EQ(carried_share(a, b, {.share = 1}).zone, Zone::share_open);
  EXPECT_EQ(carried_share(a, Values{-8, -9, -7}).zone, Zone::reverses);
  EXPECT_GT(carried_share(a, b, {.confidence = 0.99}).interval->width(), r.interval->width());
}

TEST(CarriedShare, SaysWhyThereIsNone) {
  const Values known{9, 10, 11};
  EXPECT_EQ(carried_share(Values{9, 10}, known).gap, Gap::too_few_seeds);
  EXPECT_EQ(carried_share(known, Values{9, 10}).gap, Gap::too_few_seeds);
  EXPECT_TRUE(carried_share(known, Values{9, 10}).lost);
  EXPECT_FALSE(carried_share(known, Values{9}).lost);
  EXPECT_EQ(carried_share(known, Values{0.97 - 0.62, 0.95 - 0.60, 0.35}).gap, Gap::no_spread);
  EXPECT_EQ(carried_share(Values{2, 2, 2}, known).gap, Gap::no_spread);
  const CarriedShare none = carried_share(Values{1, 2, 3}, known);
  EXPECT_EQ(none.gap, Gap::no_finding);
  EXPECT_EQ(none.zone, Zone::cannot_tell);
  EXPECT_FALSE(none.value);
  EXPECT_FALSE(none.interval);
}

TEST(CarriedShare, RefusesAShareThatIsNone) {
  const Values known{9, 10, 11};
  EXPECT_EQ(error_of([&] { carried_share(known, known, {.share = 0}); }),
            "carried share: share 0 is not above 0 and at most 1");
  EXPECT_THAT(error_of([&] { carried_share(known, known, {.share = 50}); }), HasSubstr("share 50"));
}

// v_a 4 with n = 3, v_b 1 with n = 5: 25 / (16 / 2 + 1 / 4).
TEST(Welch, DegreesByHand) {
  EXPECT_NEAR(satterthwaite_degrees(4, 3, 1, 5), 25 / 8.25, 1e-14);
  EXPECT_EQ(satterthwaite_degrees(1, 4, 1, 4), 6);
  EXPECT_EQ(satterthwaite_degrees(0, 4, 1, 7), 6);
}

// Variances of the means 1/3 and 4/3: nu = (5/3)^2 / ((1/9 + 16/9) / 2) = 50/17.
TEST(Welch, IntervalByHand) {
  const auto interval = welch_interval(Values{1, 2, 3}, Values{2, 4, 6});
  const double half = student_quantile(50 / 17.0, 0.95) * std::sqrt(5 / 3.0);
  EXPECT_NEAR(interval->low, -2 - half, 1e-12);
  EXPECT_NEAR(interval->high, -2 + half, 1e-12);
  EXPECT_EQ(welch_interval(Values{2, 2}, Values{3, 3})->low, -1);
  EXPECT_EQ(welch_interval(Values{2, 2}, Values{3, 3})->high, -1);
  EXPECT_FALSE(welch_interval(Values{1}, Values{1, 2}));
}

}  // namespace
}  // namespace gapbench::compare
