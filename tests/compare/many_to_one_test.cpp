#include "compare/statistics/many_to_one.h"
#include "paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "compare/error_of.h"
#include "compare/statistics/dunnett.h"
#include "compare/statistics/paired_t.h"
#include "compare/statistics/ties.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto none = std::nullopt;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The values: fixtures/scipy.json, nested quadratures of SciPy.
TEST(Dunnett, AgreesWithSciPy) {
  std::ifstream in(test::source_folder() + "/tests/compare/fixtures/scipy.json");
  const nlohmann::json cases = nlohmann::json::parse(in).at("dunnett");
  ASSERT_EQ(cases.size(), 100U);
  Dunnett dunnett;
  for (const auto& c : cases) {
    const double theirs = c.at("p");
    EXPECT_NEAR(dunnett.p(c.at("k"), c.at("degrees"), c.at("t")) / theirs, 1, 1e-6) << c;
  }
}

// Student's t has p = 1/2 at t = 1 with one degree of freedom.
TEST(Dunnett, OfOneMethodIsStudent) {
  Dunnett dunnett;
  EXPECT_NEAR(dunnett.p(1, 1, 1), 0.5, 1e-6);
  EXPECT_NEAR(dunnett.p(1, 4, 0), 1, 1e-9);
  EXPECT_NEAR(dunnett.quantile(1, 4, 0.95), t_quantile(5, 0.95), 1e-5);
}

// Table II of Dunnett 1964, two-sided, 5 %.
TEST(Dunnett, HasThePublishedQuantiles) {
  Dunnett dunnett;
  EXPECT_NEAR(dunnett.quantile(5, 5, 0.95), 3.62, 0.006);
  EXPECT_NEAR(dunnett.quantile(9, 10, 0.95), 3.24, 0.006);
  EXPECT_NEAR(dunnett.quantile(3, 20, 0.95), 2.54, 0.006);
  EXPECT_NEAR(dunnett.quantile(9, 40, 0.95), 2.81, 0.006);
  EXPECT_NEAR(dunnett.p(9, 36, dunnett.quantile(9, 36, 0.9)), 0.1, 1e-8);
}

// One method: residuals are half the centred differences, so that all is the paired t interval.
TEST(ManyToOne, OfOneMethodIsThePairedInterval) {
  Dunnett dunnett;
  const std::vector<Blocks> method{{5, 7, 6, 9}};
  const Blocks baseline{1, 4, 2, 3};
  const ManyToOne all = many_to_one(baseline, method, 0.95, dunnett);
  const std::vector<double> d{4, 3, 4, 6};
  ASSERT_EQ(all.methods, 1U);
  EXPECT_EQ(all.rows[0]->n, 4U);
  EXPECT_EQ(all.rows[0]->difference, 4.25);
  EXPECT_NEAR(all.rows[0]->interval.low, t_interval(d)->low, 1e-5);
  EXPECT_NEAR(all.rows[0]->interval.high, t_interval(d)->high, 1e-5);
  EXPECT_NEAR(all.rows[0]->p, paired_t_test(d)->p, 1e-6);
  EXPECT_EQ(all.rows[0]->own.low, t_interval(d)->low);
  EXPECT_EQ(all.rows[0]->own_p, paired_t_test(d)->p);
  EXPECT_TRUE(all.rows[0]->beyond_doubt());
  EXPECT_THAT(all.spread, ElementsAre(none, none));
}

// Rows 0 2 | 1 5 | 5 5: centred -1 1 | -2 2 | 0 0, seeds -1 1, residuals 0 0 | -1 1 | 1 -1, s^2 is
// 4 / 2 and the error of a difference sqrt(2 * 2 / 2).
TEST(ManyToOne, ByHand) {
  Dunnett dunnett;
  const std::vector<Blocks> methods{{1, 5}, {5, 5}};
  const ManyToOne all = many_to_one({0, 2}, methods, 0.95, dunnett);
  const double half = dunnett.quantile(2, 2, 0.95) * std::sqrt(2.0);
  EXPECT_EQ(all.methods, 2U);
  EXPECT_NEAR(all.rows[0]->interval.low, 2 - half, 1e-12);
  EXPECT_NEAR(all.rows[0]->interval.high, 2 + half, 1e-12);
  EXPECT_NEAR(all.rows[1]->interval.low, 4 - half, 1e-12);
  EXPECT_NEAR(all.rows[1]->p, dunnett.p(2, 2, 4 / std::sqrt(2.0)), 1e-12);
  EXPECT_FALSE(all.rows[1]->beyond_doubt());
}

// Five seeds, centred: baseline 0, first ± 2 on two seeds, second ± 1 on two others. Residual sums
// of squares 10/9, 34/9, 16/9, s^2 = 60/9 / 8; Grubbs' 3 (Q / 4 - s^2 / 3).
TEST(ManyToOne, SpreadByHand) {
  Dunnett dunnett;
  const std::vector<Blocks> methods{{2, -2, 0, 0, 0}, {0, 0, 1, -1, 0}};
  const ManyToOne all = many_to_one({0, 0, 0, 0, 0}, methods, 0.95, dunnett);
  const double s2 = 60.0 / 9 / 8;
  const auto ratio = [&](double q) {
    const double own = 3 * (q / 4 - s2 / 3);
    return std::sqrt(std::max(0.0, own) / ((3 * s2 - own) / 2));
  };
  EXPECT_NEAR(*all.spread[0], ratio(10.0 / 9), 1e-12);
  EXPECT_NEAR(*all.spread[1], ratio(34.0 / 9), 1e-12);
  EXPECT_NEAR(*all.spread[2], ratio(16.0 / 9), 1e-12);
  EXPECT_TRUE(all.is_uneven());
}

/// Seeds 0 1 2 3: the second method lacks one, the third has one only.
TEST(ManyToOne, ComparesEachOnItsOwnSeeds) {
  Dunnett dunnett;
  const Blocks baseline{0, 2, 1, 5};
  const std::vector<Blocks> methods{{1, 5, 3, 4}, {5, 5, none, 9}, {none, none, 4, none}};
  const ManyToOne all = many_to_one(baseline, methods, 0.95, dunnett);
  EXPECT_EQ(all.methods, 2U);
  EXPECT_EQ(all.rows[0]->n, 4U);
  EXPECT_EQ(all.rows[1]->n, 3U);
  EXPECT_EQ(all.rows[1]->difference, 4);
  EXPECT_FALSE(all.rows[2]);
  // The second: s and degrees of freedom from three rows on three seeds, q of two methods.
  const std::vector<Blocks> short_methods{{1, 5, 4}, {5, 5, 9}};
  const ManyToOne three = many_to_one({0, 2, 5}, short_methods, 0.95, dunnett);
  EXPECT_EQ(all.rows[1]->interval.low, three.rows[1]->interval.low);
  // The first: two rows on four seeds.
  const std::vector<Blocks> alone{{1, 5, 3, 4}};
  const ManyToOne four = many_to_one(baseline, alone, 0.95, dunnett);
  EXPECT_NEAR(all.rows[0]->interval.width() / four.rows[0]->interval.width(),
              dunnett.quantile(2, 3, 0.95) / dunnett.quantile(1, 3, 0.95), 1e-12);
}

TEST(ManyToOne, OfLittle) {
  Dunnett dunnett;
  const std::vector<Blocks> few{{1, none}, {none, none}};
  const ManyToOne little = many_to_one({0, 2}, few, 0.95, dunnett);
  EXPECT_EQ(little.methods, 0U);
  EXPECT_THAT(little.rows, ElementsAre(::testing::Eq(none), ::testing::Eq(none)));
  EXPECT_EQ(little.spread.size(), 3U);
  EXPECT_FALSE(little.is_uneven());
  const std::vector<Blocks> equal{{0.97, 0.95}};
  EXPECT_EQ(many_to_one({0.62, 0.60}, equal, 0.95, dunnett).methods, 0U);  // rounding is no spread
  EXPECT_EQ(many_to_one({1, 2}, {}, 0.95, dunnett).methods, 0U);
}

TEST(ManyToOne, RefusesWhatIsNoTable) {
  Dunnett dunnett;
  const std::vector<Blocks> uneven{{1, 2, 3}};
  EXPECT_EQ(error_of([&] {
              many_to_one({1, 2}, uneven, 0.95, dunnett);
            }),
            "many-to-one comparison: row 0 has 3 seeds, but the table 2");
  EXPECT_THAT(error_of([&] {
                many_to_one({1, nan}, {}, 0.95, dunnett);
              }),
              HasSubstr("baseline: value 1 of row 0 is nan"));
  EXPECT_THAT(error_of([&] { many_to_one({1, 2}, {}, 95, dunnett); }), HasSubstr("level 95"));
}

// Differences to the first: -1 -2 -3 (interval -4.5 .. 0.5) and -10 -11 -13.
TEST(Ties, ArePairedWithTheBest) {
  const std::vector<Blocks> rows{{50, 60, 70}, {49, 58, 67}, {40, 49, 57}};
  EXPECT_THAT(tied_with_best(rows, true), ElementsAre(true, true, false));
  EXPECT_THAT(tied_with_best(rows, false), ElementsAre(false, false, true));
  EXPECT_THAT(tied_with_best(rows, true, 0.8), ElementsAre(true, false, false));
}

// Deviations of 10 overlap by far; by seed the second is 1.12 ± 0.2 behind.
TEST(Ties, DoNotComeFromOverlappingSpreads) {
  const std::vector<Blocks> rows{{50, 60, 70}, {48.9, 58.8, 68.94}};
  EXPECT_THAT(tied_with_best(rows, true), ElementsAre(true, false));
}

TEST(Ties, OfLittle) {
  const std::vector<Blocks> equal{{50, 60, 70}, {51, 58, 71}};
  EXPECT_THAT(tied_with_best(equal, true), ElementsAre(false, false));  // a mark on all
  const std::vector<Blocks> one{{50, 60}, {none, none}};
  EXPECT_THAT(tied_with_best(one, true), ElementsAre(false, false));
  const std::vector<Blocks> single{{50, 60, 70}, {40, none, none}, {20, 30, 41}};
  EXPECT_THAT(tied_with_best(single, true), ElementsAre(false, false, false));
  const std::vector<Blocks> apart{{50, 60, none, none}, {none, none, 40, 50}};
  EXPECT_THAT(tied_with_best(apart, true), ElementsAre(true, false));
  const std::vector<Blocks> shifted{{50, 60}, {49, 59}, {10, 30}};  // its error is not known
  EXPECT_THAT(tied_with_best(shifted, true, 0.5), ElementsAre(true, true, false));
  EXPECT_TRUE(tied_with_best({}, true).empty());
}

}  // namespace
}  // namespace gapbench::compare
