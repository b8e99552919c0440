#include "compare/statistics/bootstrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "compare/statistics/over_problems.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Places = std::span<const std::size_t>;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

const Values five{0.2, 0.9, -0.1, 0.5, 0.4};

TEST(Bca, TheSameOptionsGiveTheSameBits) {
  const auto a = bca_interval(five, {0.95, 1000, 1});
  const auto b = bca_interval(five, {0.95, 1000, 1});
  const auto other = bca_interval(five, {0.95, 1000, 2});
  EXPECT_EQ(a->low, b->low);
  EXPECT_EQ(a->high, b->high);
  EXPECT_NE(a->low + a->high, other->low + other->high);
}

TEST(Bca, LiesAroundTheMeanWithinTheValuesAndNests) {
  const auto wide = bca_interval(five, {0.99, 5000, 1});
  const auto narrow = bca_interval(five, {0.8, 5000, 1});
  EXPECT_TRUE(narrow->covers(0.38));
  EXPECT_LT(wide->low, narrow->low);
  EXPECT_GT(wide->high, narrow->high);
  EXPECT_GE(wide->low, -0.1);
  EXPECT_LE(wide->high, 0.9);
}

// A long tail to the right: the acceleration pushes both ends to the right of the mirrored ones.
TEST(Bca, LeansWithTheTail) {
  const Values tail{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 5};
  Values mirrored;
  for (const double x : tail) mirrored.push_back(-x);
  const auto right = bca_interval(tail);
  const auto left = bca_interval(mirrored);
  const double mean = 7.1 / 8;
  EXPECT_GT(right->high - mean, 1.5 * (mean - right->low));
  EXPECT_NEAR(left->high, -right->low, 0.15);
  EXPECT_NEAR(left->low, -right->high, 0.35);
}

// Two values: resamples have means 0, 1, 2 with odds 1 2 1, so both ends are the values.
TEST(Bca, OfTwo) {
  const auto interval = bca_interval(Values{0, 2});
  EXPECT_EQ(interval->low, 0);
  EXPECT_EQ(interval->high, 2);
}

TEST(Bca, OfLittle) {
  EXPECT_FALSE(bca_interval({}));
  EXPECT_FALSE(bca_interval(Values{3}));
  EXPECT_EQ(bca_interval(Values{0.1, 0.1, 0.1})->low, 0.1);
  EXPECT_EQ(bca_interval(Values{0.1, 0.1, 0.1})->high, 0.1);
  EXPECT_THAT(error_of([] { bca_interval(Values{1, nan}); }), HasSubstr("value 1 is nan"));
  EXPECT_EQ(error_of([] {
              bca_interval(five, {0.95, 19, 1});
            }),
            "bootstrap: 19 resamples, but a confidence of 0.95 needs 20 or more");
  EXPECT_THAT(error_of([] { bca_interval(five, {1, 1000, 1}); }), HasSubstr("level 1"));
}

TEST(Bca, OfAStatisticThatMayBeUnknown) {
  const auto never = [](Places) { return nan; };
  EXPECT_EQ(error_of([&] { bca_interval(3, never); }), "bootstrap: the statistic is nan");
  // 0/0 for resamples of the first unit alone
  const Values below{0, 1, 2};
  const auto share = [&](Places places) {
    double sum = 0;
    for (const std::size_t p : places) sum += below[p];
    return sum / sum;
  };
  EXPECT_FALSE(bca_interval(3, share));
  // 1/0 for one resample in four
  const auto inverse = [&](Places places) {
    double sum = 0;
    for (const std::size_t p : places) sum += below[p];
    return 1 / sum;
  };
  EXPECT_EQ(bca_interval(2, inverse)->high, infinity);
  EXPECT_EQ(bca_interval(2, inverse)->low, 0.5);
}

TEST(InterQuartileMean, ByHand) {
  EXPECT_EQ(inter_quartile_mean(Values{100, 1, 3, -50}), 2);
  EXPECT_EQ(inter_quartile_mean(Values{9, 1, 2}), 4);
  EXPECT_EQ(inter_quartile_mean(Values{7}), 7);
  EXPECT_EQ(inter_quartile_mean(Values{1, 2, 3, 4, 5, 6, 7, 80}), 4.5);
  EXPECT_FALSE(inter_quartile_mean(Values{}));
  EXPECT_THAT(error_of([] { inter_quartile_mean(Values{nan}); }), HasSubstr("value 0 is nan"));
}

// Best costs 1, 2, 4, none. First: ratios 1, 2, failed; second: 3, 1, 1.
TEST(Profiles, ByHand) {
  const std::vector<Costs> methods{{1, 4, std::nullopt, std::nullopt}, {3, 2, 4, std::nullopt}};
  const auto curves = performance_profiles(methods, Values{1, 2, 2.5, 3, 1e9});
  EXPECT_THAT(curves[0], ElementsAre(0.25, 0.5, 0.5, 0.5, 0.5));
  EXPECT_THAT(curves[1], ElementsAre(0.5, 0.5, 0.5, 0.75, 0.75));
}

TEST(Profiles, RefuseWhatTheyCannotRank) {
  const Values taus{1, 2};
  EXPECT_TRUE(performance_profiles({}, taus).empty());
  const std::vector<Costs> uneven{{1, 2}, {1}};
  EXPECT_THAT(error_of([&] { performance_profiles(uneven, taus); }), HasSubstr("same problems"));
  const std::vector<Costs> no_problems(2);
  EXPECT_THAT(error_of([&] { performance_profiles(no_problems, taus); }), HasSubstr("one cost"));
  const std::vector<Costs> free{{0.0}};
  EXPECT_EQ(error_of([&] { performance_profiles(free, taus); }),
            "performance profile: cost 0 is not a positive finite number");
  const std::vector<Costs> unknown{{nan}};
  EXPECT_THAT(error_of([&] { performance_profiles(unknown, taus); }), HasSubstr("cost nan"));
  const std::vector<Costs> fine{{1.0}};
  EXPECT_EQ(error_of([&] { performance_profiles(fine, Values{0.5}); }),
            "performance profile: tau 0.5 is not 1 or more");
}

}  // namespace
}  // namespace gapbench::compare
