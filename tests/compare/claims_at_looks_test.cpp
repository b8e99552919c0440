// Claims of suites that add seeds until they are decided.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/findings/claims.h"
#include "compare/plan.h"
#include "compare/rows/looks.h"
#include "compare/statistics/looks.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using suite::Claim;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// What adam gains on sgd with each seed, in points of test accuracy.
Records gains(const std::vector<double>& points) {
  Records records;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string tail = "000000" + std::to_string(i + 1);
    records.good.push_back(some_record("sgd", i + 1, "a" + tail, 1, 0.5));
    records.good.push_back(some_record("adam", i + 1, "b" + tail, 1, 0.5 + points[i] / 100));
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  records.suites[0].claims = {{{Claim::Kind::gains, "adam", "test_accuracy", "cifar10"}, 0}};
  records.suites[0].looks = {1, {3, 5}, 0.05};
  return records;
}

Answer only(const Records& records) {
  const auto all = answers(records);
  EXPECT_THAT(all, SizeIs(1));
  return all.front();
}

TEST(ClaimsAtLooks, TheFirstThatDecidesStands) {
  // The later seeds would make it open again.
  const Records records = gains({4, 4.25, 3.75, -40, 40});
  const Answer a = only(records);
  EXPECT_EQ(a.word, "holds");
  EXPECT_EQ(a.looks_taken, 1U);
  EXPECT_FALSE(a.wants_seeds());
  EXPECT_THAT(a.given, testing::Contains("look 1 of 2, 97.2 % intervals"));
  EXPECT_THAT(a.given, testing::Contains("n = 3"));
}

TEST(ClaimsAtLooks, SeedsOfALookThatIsNotWholeDoNotCount) {
  const Records records = gains({4, -4, 1, 30});  // 30 would be seed 4 of 5
  const Answer a = only(records);
  EXPECT_EQ(a.word, "not decided");
  EXPECT_EQ(a.looks_taken, 1U);
  EXPECT_TRUE(a.wants_seeds());
  EXPECT_THAT(a.given, testing::Contains("n = 3"));
  EXPECT_THAT(plan_text(records), HasSubstr("% by 5 seeds"));
}

TEST(ClaimsAtLooks, BeforeTheFirstNothingIsSaid) {
  const Records records = gains({4, 4.25});
  const Answer a = only(records);
  EXPECT_EQ(a.word, "not decided");
  EXPECT_EQ(a.looks_taken, 0U);
  EXPECT_EQ(a.why, "the first look takes 3 seeds of every row");
}

TEST(ClaimsAtLooks, ASpentPlanAsksForNoMore) {
  const Records records = gains({4, -4, 1, -1, 0});
  const Answer a = only(records);
  EXPECT_FALSE(a.is_decided());
  EXPECT_EQ(a.looks_taken, 2U);
  EXPECT_FALSE(a.wants_seeds());
  EXPECT_THAT(plan_text(records), HasSubstr("the looks are spent"));
}

TEST(ClaimsAtLooks, AFailedTrialIsThere) {
  Records records = gains({4, 4.25, 3.75, 4});
  records.good.push_back(some_record("sgd", 5, "a0000005", 1, 0.5));
  records.good.push_back(
      test::failed_record("adam", 5, "b0000005", train::Status::diverged, 3, "loss is nan"));
  EXPECT_TRUE(has_seeds(aggregate(records, "").sections.at(0), 1, 5));
}

TEST(ClaimsAtLooks, HoldTheirIntervalsToALevelOfTheirOwn) {
  const std::size_t looks[] = {3, 5};
  const double level = nominal_level(looks, 0.05);
  EXPECT_EQ(confidence_of(suite::Looks{1, {3, 5}, 0.05}), 1 - level);
  EXPECT_EQ(confidence_of(suite::Looks{}), 0.95);
  const Records records = gains({4, -4, 1, -1, 0});
  EXPECT_EQ(aggregate(records, "").sections.at(0).confidence, 1 - level);
  EXPECT_THAT(compare(records, {}), HasSubstr("97.2 % where one would expect 95 %"));
  EXPECT_THAT(compare(records, {}), Not(HasSubstr("hold together at 95 %")));
  Records without = records;
  without.suites[0].looks = {};
  EXPECT_THAT(compare(without, {}), Not(HasSubstr("97.2")));
}

TEST(ClaimsAtLooks, LooksWrittenDownLateAreSaid) {
  Records records = gains({4, 4.25, 3.75});
  records.suites[0].evaluated_before_looks = 6;
  EXPECT_THAT(only(records).given,
              testing::Contains("looks written down when 6 trials had been evaluated"));
}

}  // namespace
}  // namespace gapbench::compare
