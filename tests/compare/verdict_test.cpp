#include "compare/findings/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "compare/error_of.h"

namespace gapbench::compare {
namespace {

using test::error_of;
using ::testing::HasSubstr;
using Values = std::vector<double>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const Values up{1.0, 1.2, 0.8, 1.1, 0.9};
const Values down{-0.6, -0.4, -0.5, -0.7, -0.3};
const Values nothing{0.05, -0.05, 0.1, -0.1, 0.02};
const Values little{0.1, 0.12, 0.08, 0.11, 0.09};
const Values half{0.7, 0.5, 0.3, 0.6, 0.4};
const Values wide{3, -2, 1, -3, 2};

std::string word(const Values& a, const Values& b) { return transfer(a, b).word(); }

TEST(Transfer, EveryZone) {
  EXPECT_EQ(word(up, up), "reproduces");
  EXPECT_EQ(word(down, down), "reproduces");
  EXPECT_EQ(word(up, little), "reproduces, weaker");
  EXPECT_EQ(word(up, half), "same sign, share open");
  EXPECT_EQ(word(up, nothing), "at most 0.5 reproduces");
  EXPECT_EQ(word(down, nothing), "at most 0.5 reproduces");
  EXPECT_EQ(word(up, down), "reverses");
  EXPECT_EQ(word(down, up), "reverses");
  EXPECT_EQ(word(up, wide), "cannot tell");
}

TEST(Transfer, CannotTellWithoutAFinding) {
  EXPECT_EQ(transfer(nothing, up).share.gap, Gap::no_finding);
  EXPECT_EQ(transfer(up, {{1, 1.1}}).share.gap, Gap::too_few_seeds);
  EXPECT_EQ(transfer({}, up).share.gap, Gap::too_few_seeds);
  EXPECT_EQ(transfer(up, {{0.1, 0.1, 0.1}}).share.gap, Gap::no_spread);
  EXPECT_EQ(transfer({{0.97 - 0.62, 0.95 - 0.60, 0.35}}, up).share.gap, Gap::no_spread);
  EXPECT_EQ(word(nothing, up), "cannot tell");
}

TEST(Transfer, AskedForAnotherShare) {
  EXPECT_EQ(transfer(up, little, {0.95, 0.05}).word(), "reproduces");
  EXPECT_EQ(transfer(up, nothing, {0.95, 0.02}).word(), "cannot tell");
  EXPECT_EQ(transfer(up, nothing, {0.95, 0.25}).word(), "at most 0.25 reproduces");
}

TEST(Transfer, RefusesWhatIsNoSample) {
  EXPECT_THAT(error_of([] { transfer(up, Values{1, nan, 2}); }), HasSubstr("is nan"));
  EXPECT_THAT(error_of([] { transfer(up, up, {0.95, 0}); }), HasSubstr("share 0 is not above 0"));
  EXPECT_THAT(error_of([] { transfer(up, up, {1, 0.5}); }), HasSubstr("level 1"));
}

// What one end of a bracket leaves open is open.
TEST(Transfer, EndsWiden) {
  Transfer t = transfer(up, little);
  const double value = *t.share.value;
  widen(t, transfer(up, half));
  EXPECT_EQ(t.word(), "same sign, share open");
  EXPECT_EQ(t.share.value, value);
  EXPECT_EQ(t.share.interval->low, transfer(up, little).share.interval->low);
  EXPECT_EQ(t.share.interval->high, transfer(up, half).share.interval->high);
  EXPECT_EQ(t.b.interval->high, transfer(up, half).b.interval->high);
  EXPECT_EQ(t.share.lost->low, transfer(up, half).share.lost->low);
  widen(t, transfer(nothing, half));
  EXPECT_EQ(t.word(), "cannot tell");
  EXPECT_EQ(t.share.gap, Gap::no_finding);
  EXPECT_FALSE(t.share.interval);
  widen(t, transfer(up, up));
  EXPECT_EQ(t.word(), "cannot tell");
}

std::string explained(const Values& a, const Values& b) {
  return explain(transfer(a, b), "cifar10", "cifar100");
}

TEST(Explain, WordForWord) {
  EXPECT_EQ(explained(up, down),
            "reverses: +1 (95 % interval +0.8037 to +1.196, n = 5) on cifar10, -0.5 (95 % interval "
            "-0.6963 to -0.3037, n = 5) on cifar100; carried share -0.50 [-0.70, -0.31]: the "
            "interval lies below 0");
  EXPECT_THAT(explained(up, up), HasSubstr(": the whole interval lies above 0.5"));
  EXPECT_THAT(explained(up, little), HasSubstr(": the interval lies above 0 and below 0.5"));
  EXPECT_THAT(explained(up, half),
              HasSubstr(": the interval lies above 0 and reaches from below 0.5 to above it"));
  EXPECT_THAT(explained(up, nothing), HasSubstr(": the interval covers 0 and lies below 0.5"));
  EXPECT_THAT(explained(up, wide), HasSubstr(": the interval covers 0 and reaches 0.5"));
  EXPECT_EQ(explained({}, {2.0}),
            "cannot tell: unknown (n = 0) on cifar10, +2 (n = 1) on cifar100; a verdict needs 3 "
            "seeds in common with the baseline on both");
  EXPECT_THAT(explained(nothing, up), HasSubstr("there is no finding to carry over"));
  EXPECT_THAT(explained(up, {0.1, 0.1, 0.1}), HasSubstr("their error is unknown"));
}

TEST(Explain, SaysWhatFailed) {
  Transfer t = transfer(up, down);
  t.b.failed = 2;
  EXPECT_THAT(explain(t, "a", "b"), HasSubstr("-0.3037, n = 5, 2 failed) on b"));
}

}  // namespace
}  // namespace gapbench::compare
