#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "compare/error_of.h"
#include "compare/statistics/holm.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/sample.h"
#include "compare/statistics/signed_rank.h"
#include "compare/statistics/superiority.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(Differences, AreMethodMinusBaseline) {
  EXPECT_THAT(differences(Values{3, 5}, Values{1, 9}), ElementsAre(2, -4));
  EXPECT_THAT(differences(Values{0.1 + 0.2, 1}, Values{0.3, 1 - 1e-11}),
              ElementsAre(0, 1 - (1 - 1e-11)));  // rounding is no difference
  EXPECT_EQ(error_of([] {
              differences(Values{1, 2}, Values{1});
            }),
            "pairs: 2 values against 1, but pairs need as many of each");
  EXPECT_EQ(error_of([] {
              differences(Values{1, nan}, Values{1, 2});
            }),
            "pairs: method: value 1 is nan, but every value must be finite");
  EXPECT_THAT(error_of([] { differences(Values{1}, Values{infinity}); }),
              HasSubstr("pairs: baseline: value 0 is inf"));
}

// n = 2: t has a closed form, the quantile is tan(pi (p - 1/2)); values 0 and 2 have error 1.
TEST(TInterval, ByHand) {
  const auto interval = t_interval(Values{0, 2});
  EXPECT_NEAR(interval->high, 1 + std::tan(std::acos(-1.0) * 0.475), 1e-12);
  EXPECT_NEAR(interval->low, 1 - std::tan(std::acos(-1.0) * 0.475), 1e-12);
  EXPECT_TRUE(interval->covers(0));
  EXPECT_FALSE((Interval{1, 2}.covers(0.5)));
  EXPECT_TRUE((Interval{1, 2}.covers(2)));
  EXPECT_EQ((Interval{1, 3}.width()), 2);
}

TEST(TInterval, OfLittle) {
  EXPECT_FALSE(t_interval({}));
  EXPECT_FALSE(t_interval(Values{3}));
  EXPECT_EQ(t_interval(Values{0.1, 0.1, 0.1})->width(), 0);
  EXPECT_EQ(t_interval(Values{0.1, 0.1, 0.1})->low, 0.1);
  EXPECT_THAT(error_of([] { t_interval(Values{1, nan}); }), HasSubstr("value 1 is nan"));
  EXPECT_EQ(error_of([] {
              t_interval(Values{1, 2}, 95);
            }),
            "t interval: level 95 is not between 0 and 1");
  EXPECT_THAT(error_of([] { t_interval(Values{1, 2}, nan); }), HasSubstr("level nan"));
}

// n = 2, mean 1, error 1: t = 1, and half of Student's t with one degree of freedom is within ± 1.
TEST(PairedT, ByHand) {
  EXPECT_EQ(paired_t_test(Values{0, 2})->statistic, 1);
  EXPECT_NEAR(paired_t_test(Values{0, 2})->p, 0.5, 1e-15);
  EXPECT_EQ(paired_t_test(Values{0, -2})->statistic, -1);
  EXPECT_NEAR(paired_t_test(Values{0, -2})->p, 0.5, 1e-15);
  EXPECT_EQ(paired_t_test(Values{-3, 3})->p, 1);
}

TEST(PairedT, OfLittle) {
  EXPECT_FALSE(paired_t_test({}));
  EXPECT_FALSE(paired_t_test(Values{3}));
  EXPECT_EQ(paired_t_test(Values{0, 0, 0})->p, 1);
  EXPECT_EQ(paired_t_test(Values{0, 0, 0})->statistic, 0);
  EXPECT_EQ(paired_t_test(Values{-0.1, -0.1, -0.1})->p, 0);
  EXPECT_EQ(paired_t_test(Values{-0.1, -0.1, -0.1})->statistic, -infinity);
  EXPECT_THAT(error_of([] { paired_t_test(Values{nan}); }), HasSubstr("value 0 is nan"));
}

// Mean 0, error 1, margin 1: both t are 1 with one degree of freedom, a quarter lies above.
TEST(Equivalence, ByHand) {
  EXPECT_NEAR(*equivalence_p(Values{-1, 1}, 1), 0.25, 1e-15);
  EXPECT_NEAR(*equivalence_p(Values{0, 2}, 1), 0.5, 1e-15);   // on the margin
  EXPECT_NEAR(*equivalence_p(Values{1, 3}, 1), 0.75, 1e-15);  // one error outside
  EXPECT_NEAR(*equivalence_p(Values{-1, -3}, 1), 0.75, 1e-15);
}

TEST(Equivalence, SaysTheSameAsTheNarrowerInterval) {
  const Values values{0.3, -0.2, 0.4, 0.1, -0.1};
  const auto interval = t_interval(values, 0.9);
  const double reach = std::max(interval->high, -interval->low);
  EXPECT_NEAR(*equivalence_p(values, reach), 0.05, 1e-12);
}

TEST(Equivalence, OfLittle) {
  EXPECT_FALSE(equivalence_p(Values{3}, 1));
  EXPECT_EQ(equivalence_p(Values{0.1, 0.1, 0.1}, 0.2), 0);
  EXPECT_EQ(equivalence_p(Values{0.1, 0.1, 0.1}, 0.05), 1);
  EXPECT_EQ(error_of([] {
              equivalence_p(Values{1, 2}, 0);
            }),
            "equivalence test: margin 0 is not a positive finite number");
  EXPECT_THAT(error_of([] { equivalence_p(Values{1, 2}, nan); }), HasSubstr("margin nan"));
  EXPECT_THAT(error_of([] { equivalence_p(Values{1, 2}, infinity); }), HasSubstr("margin inf"));
}

// Ranks 1 2 3; W = 6 is one of 8 sign patterns, so is 0. W = 5 or more: 2 of 8 on each side.
TEST(SignedRank, ByHand) {
  EXPECT_EQ(signed_rank_test(Values{1, 2, 3})->statistic, 6);
  EXPECT_EQ(signed_rank_test(Values{1, 2, 3})->p, 0.25);
  EXPECT_EQ(signed_rank_test(Values{-1, -2, -3})->p, 0.25);
  EXPECT_EQ(signed_rank_test(Values{-1, 2, 3})->statistic, 5);
  EXPECT_EQ(signed_rank_test(Values{-1, 2, 3})->p, 0.5);
  EXPECT_EQ(signed_rank_test(Values{3, -2, -1})->p, 1);
  EXPECT_EQ(signed_rank_test(Values{1, 2, 3, 4, 5})->p, 0.0625);
  EXPECT_EQ(signed_rank_test(Values{1, 2, 3, 4, 5, 6})->p, 0.03125);
}

// |d| 1 1 2 have ranks 1.5 1.5 3: sums 0 1.5 1.5 3 3 4.5 4.5 6. W = 4.5: three of 8 on each side.
TEST(SignedRank, TiesShareTheirRank) {
  EXPECT_EQ(signed_rank_test(Values{-1, 1, 2})->statistic, 4.5);
  EXPECT_EQ(signed_rank_test(Values{-1, 1, 2})->p, 0.75);
}

// The zero takes rank 1 and leaves: ranks 2 3 for the rest. Wilcoxon's own rule would have 1 2.
TEST(SignedRank, ZerosAreRankedAndLeft) {
  EXPECT_EQ(signed_rank_test(Values{0, 1, 2})->statistic, 5);
  EXPECT_EQ(signed_rank_test(Values{0, 1, 2})->p, 0.5);
}

// Up to 25 exact: one sign pattern of 2^25 on each side. Above, z = (351 / 2 - 1/2) / sqrt(6201 /
// 4).
TEST(SignedRank, NormalAboveTwentyFive) {
  Values values(25);
  std::iota(values.begin(), values.end(), 1.0);
  EXPECT_EQ(signed_rank_test(values)->p, std::exp2(-24));
  values.push_back(26);
  EXPECT_NEAR(signed_rank_test(values)->p, std::erfc(175 / std::sqrt(6201 / 2.0)), 1e-15);
}

TEST(SignedRank, OfLittle) {
  EXPECT_FALSE(signed_rank_test({}));
  EXPECT_EQ(signed_rank_test(Values{3})->p, 1);
  EXPECT_EQ(signed_rank_test(Values{0, 0, 0})->p, 1);
  EXPECT_EQ(signed_rank_test(Values(30, 0.0))->p, 1);
  EXPECT_THAT(error_of([] { signed_rank_test(Values{1, nan}); }), HasSubstr("value 1 is nan"));
}

TEST(Superiority, ByHand) {
  EXPECT_EQ(superiority(Values{1, -2, 3, 0}), 0.625);
  EXPECT_EQ(superiority(Values{2, 4}, Values{1, 2, 3}), 4.5 / 6);
  EXPECT_FALSE(superiority(Values{}));
  EXPECT_FALSE(superiority(Values{1}, Values{}));
  EXPECT_THAT(error_of([] { superiority(Values{nan}); }), HasSubstr("value 0 is nan"));
}

TEST(Holm, ByHand) {
  EXPECT_THAT(holm(Values{0.25, 0.125, 0.0625}), ElementsAre(0.25, 0.25, 0.1875));
  EXPECT_THAT(holm(Values{0.125, 0.125}), ElementsAre(0.25, 0.25));
  EXPECT_THAT(holm(Values{0.5, 0.75, 0.0625}), ElementsAre(1, 1, 0.1875));
  EXPECT_THAT(holm(Values{0.03}), ElementsAre(0.03));
  EXPECT_TRUE(holm({}).empty());
  EXPECT_EQ(error_of([] { holm(Values{0.5, 1.5}); }), "holm: p = 1.5 is not between 0 and 1");
  EXPECT_THAT(error_of([] { holm(Values{nan}); }), HasSubstr("p = nan"));
}

}  // namespace
}  // namespace gapbench::compare
