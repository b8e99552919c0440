#include "compare/findings/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compare/error_of.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Lost: 4 5 6, gained: 2 2 2, so 2 / 5 came back.
TEST(Recovery, ByHand) {
  const Values large{10, 20, 30};
  const Values small{14, 25, 36};
  const Values method{12, 22, 32};
  const Recovery r = recovery(method, large, small);
  EXPECT_EQ(r.value, 0.4);
  EXPECT_EQ(r.n, 3U);
  EXPECT_NEAR(r.interval->low, 2 / (5 + 2.484138), 1e-6);  // 4.302653 / sqrt(3)
  EXPECT_NEAR(r.interval->high, 2 / (5 - 2.484138), 1e-6);
  EXPECT_THAT(r.why, HasSubstr("defined: small batch - large batch is +5 (95 % interval +2.5"));
}

TEST(Recovery, OfTheEndsThemselves) {
  const Values large{10, 20, 30, 40};
  const Values small{14, 25, 36, 45};
  EXPECT_EQ(recovery(large, large, small).value, 0);
  EXPECT_EQ(recovery(large, large, small).interval->width(), 0);
  EXPECT_EQ(recovery(small, large, small).value, 1);
  EXPECT_EQ(recovery(small, large, small).interval->low, 1);
  EXPECT_EQ(recovery(small, large, small).interval->high, 1);
}

// Lost 4 5 6: mean 5, half width 2.484, 2.01 times. Lost 2 5 8: half width 7.45, covers 0. Lost 3 5 7:
// half width 4.968, 1.006 times.
TEST(Recovery, UndefinedWhereTheLossIsBarelySure) {
  const Values large{0, 0, 0};
  EXPECT_TRUE(recovery(Values{2, 2, 2}, large, Values{4, 5, 6}).value);
  const Recovery barely = recovery(Values{2, 2, 2}, large, Values{3, 5, 7});
  EXPECT_FALSE(barely.value);
  EXPECT_FALSE(barely.interval);
  EXPECT_EQ(barely.why,
            "undefined: small batch - large batch is +5 (95 % interval +0.03172 to +9.968), 1.01 "
            "times its half width from 0, and not 1.5: too near for a ratio to be known");
}

// Seeds move all three alike: the pairs know the loss exactly, separate samples would not.
TEST(Recovery, IsPairedBySeed) {
  const Values large{0, 100, 200};
  EXPECT_EQ(recovery(Values{2, 101, 203}, large, Values{4, 104, 204}).value, 0.5);
}

TEST(Recovery, UndefinedWhereNothingWasLost) {
  const Recovery r = recovery(Values{1, 2, 3}, Values{1, 2, 3}, Values{2, 1, 4});
  EXPECT_FALSE(r.value);
  EXPECT_FALSE(r.interval);
  EXPECT_THAT(r.why, HasSubstr("which covers 0: nothing was lost for certain"));
  EXPECT_FALSE(recovery(Values{1, 2}, Values{1, 1}, Values{1, 1}).value);
}

TEST(Recovery, OfLittle) {
  EXPECT_EQ(recovery(Values{1}, Values{0}, Values{2}).why,
            "undefined: needs two seeds in common, has 1");
  EXPECT_FALSE(recovery({}, {}, {}).value);
  EXPECT_THAT(error_of([] {
                recovery(Values{1, 2}, Values{1, 2}, Values{1});
              }),
              HasSubstr("1 values against 2"));
  EXPECT_THAT(error_of([] {
                recovery(Values{1, nan}, Values{1, 2}, Values{3, 4});
              }),
              HasSubstr("value 1 is nan"));
}

}  // namespace
}  // namespace gapbench::compare
