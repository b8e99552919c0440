// What only measures splits no row.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/findings/findings.h"
#include "compare/rows/twins.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// As another suite, that measures `value` by a probe, would have it.
Record probed(Record record, const std::string& head, double value) {
  record.identity = test::identity_of(head);
  record.suite = "probed";
  record.folder = "probed/" + head;
  record.settings["probes"] = std::string("norm");
  record.settings["probe.norm.count"] = std::int64_t{4};
  record.outcome.final->probes = {{"norm", "mean", value, ""}};
  return record;
}

Records two_suites() {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1", 0.75, 0.50),
                  some_record("sgd", 2, "aaaaaaa2", 0.75, 0.52),
                  some_record("sgd", 3, "aaaaaaa3", 0.75, 0.54)};
  records.good.push_back(probed(records.good[1], "bbbbbbb2", 7));
  records.good.push_back(probed(some_record("sgd", 4, "bbbbbbb4", 0.75, 0.56), "bbbbbbb4", 9));
  return records;
}

TEST(Twins, KeepOneOfEachWithTheProbesOfBoth) {
  const Folded one = folded(two_suites());
  EXPECT_EQ(one.twins, 1U);
  ASSERT_THAT(one.records.good, SizeIs(4));
  for (const Record& r : one.records.good) {
    EXPECT_EQ(r.outcome.final->probes.size(), r.seed == 2 || r.seed == 4 ? 1U : 0U) << r.seed;
  }
}

TEST(Twins, ShareARowInWhichEachCellHasItsOwnN) {
  const Records records = two_suites();
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| sgd | 4 | 75.00 ± 0.00 (not fitted) | 53.00 ± 2.58 |"));
  EXPECT_THAT(page, HasSubstr("| sgd | 8.0000 ± 1.4142 (n = 2) |"));
  EXPECT_THAT(page,
              HasSubstr("1 trial that another one equals in everything but what was measured"));
  EXPECT_THAT(page, Not(HasSubstr("pool trials")));
}

TEST(Twins, AreCountedOnceByAnyKey) {
  CompareOptions options;
  options.group_by = {"method"};
  EXPECT_THAT(compare(two_suites(), options), HasSubstr("| sgd | 4 |"));
}

TEST(Twins, TheOneThatWasEvaluatedMoreOftenLeads) {
  Records records;
  Record often = some_record("sgd", 1, "aaaaaaa1");
  Record seldom = probed(often, "bbbbbbb1", 3);
  often.settings["evaluate_every.epochs"] = 1.0;
  seldom.settings["evaluate_every.epochs"] = 10.0;
  for (const bool first : {true, false}) {
    records.good = first ? std::vector{often, seldom} : std::vector{seldom, often};
    const Folded one = folded(records);
    ASSERT_THAT(one.records.good, SizeIs(1));
    EXPECT_EQ(one.records.good[0].identity, often.identity);
    EXPECT_THAT(one.records.good[0].outcome.final->probes, SizeIs(1));
  }
}

TEST(Twins, AFailedOneGivesWay) {
  Records records;
  records.good = {test::failed_record("sgd", 1, "aaaaaaa1", train::Status::crashed, 3, "SIGSEGV"),
                  probed(some_record("sgd", 1, "bbbbbbb1"), "bbbbbbb1", 3)};
  const Folded one = folded(records);
  ASSERT_THAT(one.records.good, SizeIs(1));
  EXPECT_EQ(one.records.good[0].outcome.status, train::Status::ok);
}

// Another build, say: nothing here decides which of the two is right.
TEST(Twins, OfDifferentNumbersAreBothKept) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1", 0.75, 0.50),
                  probed(some_record("sgd", 1, "bbbbbbb1", 0.75, 0.51), "bbbbbbb1", 3)};
  EXPECT_EQ(folded(records).twins, 0U);
  EXPECT_THAT(folded(records).records.good, SizeIs(2));
}

TEST(Twins, CsvHasALineATrial) {
  CompareOptions options;
  options.format = Format::csv;
  const std::string text = compare(two_suites(), options);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

}  // namespace
}  // namespace gapbench::compare
