// The smaller statistics behind claims: scales, absence, the least p of a rank test, and what
// skewness does to an interval. Every line of a simulation must stand in docs/statistics.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compare/error_of.h"
#include "compare/page_line.h"
#include "compare/statistics/absence.h"
#include "compare/statistics/log_odds.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/signed_rank.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using test::expect_rates_on_page;
using test::Values;
using ::testing::HasSubstr;

TEST(LogOdds, ByHand) {
  EXPECT_EQ(log_odds(0.5), 0);
  EXPECT_NEAR(*log_odds(0.8), std::log(4.0), 1e-15);
  EXPECT_NEAR(*log_odds(0.2), -std::log(4.0), 1e-15);
  EXPECT_FALSE(log_odds(0));
  EXPECT_FALSE(log_odds(1));
  EXPECT_EQ(error_of([] { log_odds(57); }), "log odds: share 57 is not between 0 and 1");
  EXPECT_THAT(error_of([] { log_odds(std::nan("")); }), HasSubstr("share nan"));
}

// Mean 0.1, error 0.1: one-sided t of 9 against ± 1 with two degrees of freedom.
TEST(Absence, IsDecidedByTwoOneSidedTests) {
  const double d = std::sqrt(3.0) / 10;
  const Values small{0.1 - d, 0.1, 0.1 + d};
  const AbsenceClaim claim = absence(small, 1);
  EXPECT_EQ(claim.verdict, Absence::absent);
  EXPECT_EQ(claim.p, equivalence_p(small, 1));
  EXPECT_NEAR(claim.interval->high, 0.1 + 4.302653 * 0.1, 1e-6);
  EXPECT_EQ(absence(small, 0.3).verdict, Absence::cannot_tell);
  EXPECT_EQ(absence(small, 1, 0.995).verdict, Absence::cannot_tell);
}

// A sure effect within the margin is none that matters; beyond it is one.
TEST(Absence, KnowsAnEffectBeyondTheMargin) {
  const Values sure{0.49, 0.5, 0.51};
  EXPECT_EQ(absence(sure, 1).verdict, Absence::absent);
  EXPECT_EQ(absence(sure, 0.1).verdict, Absence::present);
  EXPECT_EQ(absence(Values{-0.49, -0.5, -0.51}, 0.1).verdict, Absence::present);
  EXPECT_EQ(absence(sure, 0.5).verdict, Absence::cannot_tell);
}

TEST(Absence, OfLittle) {
  EXPECT_EQ(absence(Values{0.1, 0.1001}, 5).verdict, Absence::cannot_tell);
  EXPECT_EQ(absence(Values{0.1, 0.1, 0.1}, 5).verdict, Absence::cannot_tell);
  EXPECT_FALSE(absence(Values{0.1}, 5).p);
  EXPECT_THAT(error_of([] { absence(Values{1, 2, 3}, 0); }), HasSubstr("margin 0"));
  EXPECT_EQ(to_text(Absence::absent, 0.25), "within ±0.25");
  EXPECT_EQ(to_text(Absence::present, 0.25), "beyond ±0.25");
  EXPECT_EQ(to_text(Absence::cannot_tell, 0.25), "cannot tell");
}

TEST(SignedRank, LeastPIsReached) {
  EXPECT_EQ(least_signed_rank_p(0), 1);
  EXPECT_EQ(least_signed_rank_p(1), 1);
  for (std::size_t n = 2; n <= 12; ++n) {
    EXPECT_EQ(signed_rank_test(Values(n, 1.0))->p, least_signed_rank_p(n)) << n;
  }
  EXPECT_EQ(least_signed_rank_p(5), 0.0625);
}

/// Two methods with the same three equally likely numbers, coupled in a circle: the difference is
/// 1 with chance 2/3, else -2.
Values cyclic_values(Random& random, std::size_t n) {
  Values values(n);
  for (double& x : values) x = random.below(3) == 0 ? -2 : 1;
  return values;
}

TEST(Coverage, OfSkewedDifferences) {
  const auto covered = [](const char* name, std::size_t n, const auto& sample) {
    return test::share_of(4000, Random(15).at(name, n),
                          [&](Random& random) { return t_interval(sample(random, n))->covers(0); });
  };
  for (const std::size_t n : {3U, 5U, 10U, 20U}) {
    expect_rates_on_page(std::to_string(n), {covered("cyclic", n, cyclic_values),
                                             covered("skewed", n, test::skewed_values),
                                             covered("falling", n, test::falling_values)});
  }
}

}  // namespace
}  // namespace gapbench::compare
