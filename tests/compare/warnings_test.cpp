// Copies that differ, trials that are not there, trials that no suite lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/report/report.h"
#include "compare/rows/grouping.h"
#include "core/temporary_folder.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Record copy_in(const std::string& tree, Record record) {
  record.folder = tree / record.folder;
  return record;
}

std::string page_of(const std::vector<Record>& good) {
  Records records;
  records.good = good;
  return compare(records, {});
}

TEST(Copies, ThatDifferAreNamedAtTheTopInEitherOrder) {
  const Record one = copy_in("x", some_record("sgd", 1, "aaaaaaa1", 0.75, 0.18));
  const Record two = copy_in("y", some_record("sgd", 1, "aaaaaaa1", 0.75, 0.15));
  const std::string folder = "/demo/cifar10/cnn3/sgd/seed-1-aaaaaaa1";
  const std::string said = "its test accuracy is 0.18 in x" + folder + " and 0.15 in y" + folder;
  for (const auto& order : {std::vector{one, two}, std::vector{two, one}}) {
    const std::string page = page_of(order);
    EXPECT_THAT(page, StartsWith("# Results: demo\n\n**Copies that differ**"));
    EXPECT_THAT(page, HasSubstr(said));
  }
}

TEST(Copies, AreComparedInValidationAndProbes) {
  const Record one = copy_in("x", some_record("sgd", 1, "aaaaaaa1"));
  Record two = copy_in("y", one);
  EXPECT_EQ(difference_of_copies(one, two), "");
  two.outcome.final->probes = {{"norm", "mean", 2, ""}};
  EXPECT_THAT(difference_of_copies(one, two), StartsWith("probe norm.mean is none in x"));
  EXPECT_THAT(difference_of_copies(two, one), StartsWith("probe norm.mean is none in x"));
  Record three = two;
  three.outcome.final->probes[0].value = 3;
  EXPECT_THAT(difference_of_copies(two, three), StartsWith("probe norm.mean is 2"));
  three.outcome.final->validation = train::PartMetrics{0.5, 0.25, 10};
  EXPECT_THAT(difference_of_copies(one, three), StartsWith("validation loss is none in x"));
}

TEST(Copies, OfDifferentProbesAreNoDifferentTraining) {
  const Record one = some_record("sgd", 1, "aaaaaaa1");
  Record two = one;
  two.outcome.final->probes = {{"norm", "mean", 2, ""}};
  EXPECT_TRUE(same_result(one, two));
  two.outcome.final->validation = train::PartMetrics{0.5, 0.25, 10};
  EXPECT_FALSE(same_result(one, two));
}

Records of_suite(const std::vector<std::string>& trials) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1"), some_record("sgd", 2, "aaaaaaa2")};
  records.suites = {{"demo", "", "", {"sgd"}}};
  records.suites[0].trials = trials;
  records.suites[0].folder = "demo";
  return records;
}

constexpr const char* first = "cifar10/cnn3/sgd/seed-1-aaaaaaa1";
constexpr const char* second = "cifar10/cnn3/sgd/seed-2-aaaaaaa2";
constexpr const char* third = "cifar10/cnn3/sgd/seed-3-aaaaaaa3";

TEST(Presence, TrialsWithoutARecordAreCounted) {
  const Records records = of_suite({first, second, third});
  const std::string said =
      "**Not all there**: 1 of 3 trials of demo have no record: " + std::string(third) + ".";
  EXPECT_THAT(compare(records, {}), HasSubstr(said));
  const std::string html = report(records, {});
  EXPECT_THAT(html, HasSubstr("<strong>Not all there</strong>"));
  EXPECT_THAT(html, HasSubstr("2 finished trials, 0 failed, 3 entries left out."));
  CompareOptions json;
  json.format = Format::json;
  EXPECT_THAT(compare(records, json), HasSubstr("\"missing\": [\n    \"" + std::string(third)));
}

TEST(Presence, WhatIsBrokenUnfinishedOrNotAskedForIsNotMissing) {
  const test::TemporaryFolder root;
  Records records = of_suite({first, second, third, "cifar10/cnn3/sgd/seed-4-aaaaaaa4"});
  records.unfinished = {std::string("demo/") + third};
  records.suites[0].folder = root.path();
  std::filesystem::create_directories(root.path() / "cifar10/cnn3/sgd/seed-4-aaaaaaa4");
  root.write("cifar10/cnn3/sgd/seed-4-aaaaaaa4/summary.json", "{}");
  EXPECT_THAT(compare(records, {}), Not(HasSubstr("Not all there")));
}

TEST(Presence, IsNoMatterOfWhatIsShown) {
  Records records = of_suite({first, second});
  records.good.push_back(some_record("adam", 1, "bbbbbbb1"));
  records.suites[0].trials.push_back("cifar10/cnn3/adam/seed-1-bbbbbbb1");
  CompareOptions options;
  options.selection.without = {"adam"};
  EXPECT_THAT(compare(records, options), Not(HasSubstr("Not all there")));
}

TEST(Presence, TrialsThatTheSuiteDoesNotListAreNamed) {
  EXPECT_THAT(compare(of_suite({first}), {}),
              HasSubstr("**Not of the suite as it was last run**: 1 trial that suite.json of demo "
                        "does not list, and that the tables hold all the same: demo/" +
                        std::string(second) + "."));
  EXPECT_THAT(compare(of_suite({first, second}), {}), Not(HasSubstr("**Not")));
  EXPECT_THAT(compare(of_suite({}), {}), Not(HasSubstr("**Not")));
}

}  // namespace
}  // namespace gapbench::compare
