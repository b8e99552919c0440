#include "compare/statistics/over_problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "compare/error_of.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

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
