#include "compare/findings/verdict.h"

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

const Values up{1.0, 1.2, 0.8, 1.1, 0.9};
const Values down{-0.6, -0.4, -0.5, -0.7, -0.3};
const Values nothing{0.05, -0.05, 0.1, -0.1, 0.02};
const Values wide{3, -2, 1, -3, 2};

Rule rule(const Values& a, const Values& b) { return transfer(a, b).rule; }

TEST(Transfer, EveryRule) {
  EXPECT_EQ(rule(up, up), Rule::same_side);
  EXPECT_EQ(rule(down, down), Rule::same_side);
  EXPECT_EQ(rule(up, down), Rule::opposite_sides);
  EXPECT_EQ(rule(down, up), Rule::opposite_sides);
  EXPECT_EQ(rule(up, nothing), Rule::absent);
  EXPECT_EQ(rule(down, nothing), Rule::absent);
  EXPECT_EQ(rule(up, wide), Rule::undecided);
  EXPECT_EQ(rule(nothing, up), Rule::no_finding);
  EXPECT_EQ(rule(wide, nothing), Rule::no_finding);
  EXPECT_EQ(rule(up, {1, 1.1}), Rule::too_few_seeds);
  EXPECT_EQ(rule({}, up), Rule::too_few_seeds);
  EXPECT_EQ(rule(up, {0.1, 0.1, 0.1}), Rule::no_spread);
  EXPECT_EQ(rule({0.1, 0.1, 0.1}, up), Rule::no_spread);
  EXPECT_EQ(rule({0.97 - 0.62, 0.95 - 0.60, 0.35}, up), Rule::no_spread);  // but for rounding
  EXPECT_EQ(rule({0, 0, 0}, up), Rule::no_spread);
}

TEST(Transfer, RulesToWords) {
  EXPECT_EQ(to_text(verdict_of(Rule::same_side)), "reproduces");
  EXPECT_EQ(to_text(verdict_of(Rule::opposite_sides)), "reverses");
  EXPECT_EQ(to_text(verdict_of(Rule::absent)), "does not carry over");
  for (const Rule r : {Rule::too_few_seeds, Rule::no_spread, Rule::no_finding, Rule::undecided}) {
    EXPECT_EQ(to_text(verdict_of(r)), "cannot tell");
  }
}

TEST(Transfer, TheSignOfTheMetricDoesNotMatter) {
  Values mirrored_a;
  Values mirrored_b;
  for (const double x : up) mirrored_a.push_back(-x);
  for (const double x : nothing) mirrored_b.push_back(-x);
  const Transfer plain = transfer(up, nothing);
  const Transfer mirrored = transfer(mirrored_a, mirrored_b);
  EXPECT_EQ(plain.rule, mirrored.rule);
  EXPECT_EQ(plain.equivalence_p, mirrored.equivalence_p);
}

// Deviation 1, n = 4, error 1/2, t quantile 2.353: within ± 1.5 with certainty, within ± 0.5 not.
TEST(Transfer, TheMarginIsAFractionOfTheFirstEffect) {
  const Values first{2.9, 3.1, 2.9, 3.1};
  const double d = std::sqrt(0.75);
  const Values second{d, -d, d, -d};
  EXPECT_EQ(transfer(first, second).rule, Rule::absent);
  EXPECT_DOUBLE_EQ(transfer(first, second).margin, 1.5);
  EXPECT_EQ(transfer(first, second, {0.95, 0.33}).rule, Rule::undecided);
}

TEST(Transfer, MoreConfidenceSaysLess) {
  const Values weak{0.5, 1.5, 0.2, 1.0, 0.3};
  EXPECT_EQ(transfer(weak, weak).rule, Rule::same_side);
  EXPECT_EQ(transfer(weak, weak, {0.999, 0.5}).rule, Rule::no_finding);
}

TEST(Transfer, RefusesWhatIsNoSample) {
  EXPECT_EQ(error_of([] {
              transfer(up, Values{1, nan, 2});
            }),
            "transfer: second data set: value 1 is nan, but every value must be finite");
  EXPECT_THAT(error_of([] { transfer(Values{nan}, up); }), HasSubstr("first data set: value 0"));
  EXPECT_EQ(error_of([] {
              transfer(up, up, {0.95, 0});
            }),
            "transfer: margin fraction 0 is not above 0 and at most 1");
  EXPECT_THAT(error_of([] { transfer(up, up, {0.95, nan}); }), HasSubstr("fraction nan"));
  EXPECT_THAT(error_of([] { transfer(up, up, {1, 0.5}); }), HasSubstr("level 1"));
}

std::string explained(const Values& a, const Values& b) {
  return explain(transfer(a, b), "cifar10", "cifar100");
}

TEST(Explain, WordForWord) {
  EXPECT_EQ(explained(up, down),
            "reverses: +1 (95 % interval +0.8037 to +1.196, n = 5) on cifar10, -0.5 (95 % interval "
            "-0.6963 to -0.3037, n = 5) on cifar100; the intervals exclude 0 on opposite sides");
  EXPECT_THAT(explained(up, nothing),
              HasSubstr("the second interval covers 0, and two one-sided tests of the second "
                        "against ±0.5, 0.5 times the first, give p = "));
  EXPECT_THAT(explained(up, nothing), HasSubstr(": evidence of absence"));
  EXPECT_THAT(explained(up, wide), HasSubstr(": no evidence of absence either"));
  EXPECT_EQ(explained({}, {2.0}),
            "cannot tell: unknown (n = 0) on cifar10, +2 (n = 1) on cifar100; a verdict needs 3 "
            "seeds in common with the baseline on both");
  EXPECT_THAT(explained(nothing, up), HasSubstr("there is no finding to carry over"));
  EXPECT_THAT(explained(up, {0.1, 0.1, 0.1}), HasSubstr("their error is unknown"));
}

TEST(Explain, SaysWhereAnEffectIsThereButSmall) {
  const Values little{0.1, 0.12, 0.08, 0.11, 0.09};
  EXPECT_THAT(explained(up, up), HasSubstr("both intervals exclude 0 on the same side"));
  EXPECT_EQ(explained(up, up).find("times as large"), std::string::npos);
  EXPECT_THAT(explained(up, little), HasSubstr("on the same side, though on the second it is less "
                                               "than 0.5 times as large"));
}

}  // namespace
}  // namespace gapbench::compare
