#include "compare/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::failed_record;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;
using train::Status;

std::string markdown(const Records& records, const std::string& baseline = "") {
  return compare(records, {baseline, Format::markdown});
}

/// From one heading to the next.
std::string section(const std::string& text, const std::string& title) {
  const std::size_t begin = text.find("## " + title + "\n");
  if (begin == std::string::npos) return "no such section";
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

Records three_methods() {
  Records records;
  auto& good = records.good;
  good = {some_record("sgd", 1, "aaaaaaa1", 0.75, 0.50),
          some_record("sgd", 2, "aaaaaaa2", 0.77, 0.52),
          some_record("adam", 1, "bbbbbbb1", 0.95, 0.60),
          some_record("adam", 2, "bbbbbbb2", 0.97, 0.62),
          some_record("rough", 1, "ccccccc1", 0.99, 0.70),
          failed_record("rough", 2, "ccccccc2", Status::diverged, 120, "loss is not finite"),
          failed_record("rough", 3, "ccccccc3", Status::diverged, 7, "loss is not finite"),
          failed_record("rough", 4, "ccccccc4", Status::crashed, 9, "SIGSEGV")};
  for (std::size_t i = 2; i < good.size(); ++i) good[i].settings["batch"] = std::int64_t{128};
  for (std::size_t i : {2U, 3U}) {
    good[i].outcome.cost.train_passes.flops = 3e12;
    good[i].outcome.cost.train = {5, 5};
    good[i].shared_machine = true;
  }
  records.suites = {{"demo", "Three methods.", "sgd", {"sgd", "rough", "adam"}}};
  return records;
}

// What one row alone has does not get a column of dashes.
TEST(Markdown, SettingsOfOneRowStandTogether) {
  records::Records records = three_methods();
  for (auto& r : records.good) {
    if (r.method != "adam") continue;
    r.settings["optimizer.beta1"] = 0.9;
    r.settings["optimizer.beta2"] = 0.999;
    r.settings["regularizer.l2.lambda"] = 0.001;
    r.settings["extra"] = std::int64_t{3};
  }
  EXPECT_THAT(markdown(records),
              HasSubstr("| Settings that differ | batch | of this row alone |\n"
                        "|:---|---:|---:|\n"
                        "| sgd | 64 | – |\n"
                        "| rough | 128 | – |\n"
                        "| adam | 128 | extra 3; optimizer: beta1 0.9, beta2 0.999; "
                        "regularizer.l2: lambda 0.001 |\n\n"));
}

// Means and deviations by hand: 50 and 52 have mean 51 and deviation sqrt(2) = 1.41. The gaps are
// 25 and 35 in both seeds. By seed adam is 10 above sgd in both, without spread: no
// interval, no p, and as much as tied. rough has failures and is no candidate.
TEST(Markdown, ASectionWordForWord) {
  EXPECT_EQ(
      section(markdown(three_methods()), "cifar10, cnn3"),
      R"(## cifar10, cnn3

54,282 parameters, 50,000 training examples.

| Settings that differ | batch |
|:---|---:|
| sgd | 64 |
| rough | 128 |
| adam | 128 |

)"
      "| Method | n | Train acc % ↑ | Test acc % ↑ | Train loss ↓ | Test loss ↓ "
      "| Error gap (points) ↓ | Loss gap ↓ | Gradient samples ↓ | FLOPs ↓ | Train s ↓ "
      "| Peak MiB ↓ | × FLOPs | × train s |\n"
      "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
      "| sgd | 2 | 76.00 ± 1.41 (not fitted) | 51.00 ± 1.41 | 0.5000 ± 0.0000 | 0.7500 ± 0.0000 "
      "| 25.00 ± 0.00 | 0.2500 ± 0.0000 | 100 k | 1.50 T | 2.00 ± 0.00 | 100 ± 0 | 1.00 "
      "| 1.00 |\n"
      "| rough | 1 (2/4 diverged at steps 7, 120, 1/4 crashed at step 9) | 99.00 | 70.00 "
      "| 0.5000 | 0.7500 | 29.00 | 0.2500 | 100 k | 1.50 T | 2.00 | 100 | 1.00 | 1.00 |\n"
      "| adam | 2 | 96.00 ± 1.41 (not fitted) | 61.00 ± 1.41 | 0.5000 ± 0.0000 | 0.7500 ± "
      "0.0000 "
      "| 35.00 ± 0.00 | 0.2500 ± 0.0000 | 100 k | 3.00 T | 5.00 ± 0.00 † | 100 ± 0 | 2.00 "
      "| 2.50 |\n"
      "\n"
      "Failed, and in no mean:\n"
      "\n"
      "- rough, seed 2: diverged at step 120: loss is not finite; "
      "demo/cifar10/cnn3/rough/seed-2-ccccccc2\n"
      "- rough, seed 3: diverged at step 7: loss is not finite; "
      "demo/cifar10/cnn3/rough/seed-3-ccccccc3\n"
      "- rough, seed 4: crashed at step 9: SIGSEGV; demo/cifar10/cnn3/rough/seed-4-ccccccc4\n"
      "\n"
      "| Against sgd, by seed | Seeds | Δ Test acc % | p | Beyond doubt | P(>) "
      "| Δ Error gap (points) (secondary) | P(>) | Δ Loss gap (secondary) | P(>) |\n"
      "|:---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
      "| rough | 1, 3 failed | +20 ‡ | – | – | 1.00 | +4 | 1.00 | 0 | 0.50 |\n"
      "| adam | 2 | +10 ‡ | – | – | 1.00 | +10 | 1.00 | 0 | 0.50 |\n"
      "\n"
      "‡ Not in the comparison, with the t interval of their own: rough (failed trials), adam (all "
      "differences are equal).\n");
}

// Gaps of 20 and 22, of 30 and 32, of 40 and 43: by seed 10 and 11 behind, which half width 6.35
// sets apart. The smallest is of a row half of which has not
// fitted. Its test accuracy may still be the best.
TEST(Markdown, AGapThatWasNotFittedIsNotTheBest) {
  Records records;
  records.good = {some_record("early", 1, "aaaaaaa1", 0.98, 0.78),
                  some_record("early", 2, "aaaaaaa2", 0.99, 0.77),
                  some_record("good", 1, "bbbbbbb1", 1.00, 0.70),
                  some_record("good", 2, "bbbbbbb2", 1.00, 0.68),
                  some_record("poor", 1, "ccccccc1", 1.00, 0.60),
                  some_record("poor", 2, "ccccccc2", 1.00, 0.57)};
  const std::string text = section(markdown(records), "cifar10, cnn3");
  EXPECT_THAT(text, HasSubstr("98.50 ± 0.71 (1/2 not fitted) | **77.50 ± 0.71** | 0.5000 ± 0.0000 "
                              "| 0.7500 ± 0.0000 | 21.00 ± 1.41 |"));
  EXPECT_THAT(text, HasSubstr("| **31.00 ± 1.41** |"));
  EXPECT_THAT(text, HasSubstr("| 41.50 ± 2.12 |"));
}

TEST(Markdown, SaysWhatIsReportedSharedAndBuilt) {
  const std::string text = markdown(three_methods());
  EXPECT_EQ(text.find("# Results: demo\n\nThree methods.\n\nReported are the parameters after"),
            0U);
  EXPECT_THAT(text, HasSubstr("evaluation mode, without augmentation and penalties"));
  EXPECT_THAT(text, HasSubstr("Baseline: sgd.\n"));
  EXPECT_THAT(text, HasSubstr("Shared by all rows: budget.epochs 2, data.augment false, "
                              "data.checksum cccccccccccc, data.split_seed 0, data.test all, "));
  EXPECT_THAT(text, HasSubstr("Build: gapbench 0.1.0 abc Release.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Mixed build")));
  EXPECT_THAT(text, Not(HasSubstr("## Left out")));
}

TEST(Markdown, AnotherBaseline) {
  const std::string text = markdown(three_methods(), "adam");
  EXPECT_THAT(text, HasSubstr("Baseline: adam."));
  EXPECT_THAT(text, HasSubstr("| 0.50 | 0.40 |"));                 // sgd: 1.5 of 3 TFLOP, 2 of 5 s
  EXPECT_LT(text.find("| adam | 2 |"), text.find("| sgd | 2 |"));  // the baseline comes first
}

TEST(Markdown, ABaselineThatIsNotThereIsAnError) {
  try {
    markdown(three_methods(), "sdg");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "baseline: no method \"sdg\" in these records; did you mean \"sgd\"?");
  }
}

TEST(Markdown, SuitesThatDisagreeLeaveNoBaseline) {
  Records records = three_methods();
  records.suites.push_back({"other", "", "adam", {}});
  const std::string text = markdown(records);
  EXPECT_THAT(text, HasSubstr("No baseline: the suites name different ones (adam, sgd)"));
  EXPECT_THAT(text, Not(HasSubstr("× FLOPs")));
}

TEST(Markdown, ABaselineThatFailedGivesNoRatios) {
  Records records;
  records.good = {failed_record("sgd", 1, "aaaaaaa1", Status::timeout, 5, "over 1 s"),
                  some_record("adam", 1, "bbbbbbb1")};
  EXPECT_THAT(markdown(records, "sgd"), HasSubstr("| sgd | 0 (1/1 timeout at step 5) | – | – |"));
  EXPECT_THAT(markdown(records, "sgd"), HasSubstr("| – | – |\n| adam | 1 |"));
}

TEST(Markdown, OneSeedIsMarkedNowhere) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1", 0.75, 0.5),
                  some_record("adam", 1, "bbbbbbb1", 0.75, 0.7)};
  const std::string text = section(markdown(records), "cifar10, cnn3");
  EXPECT_THAT(text, Not(HasSubstr("**")));
  EXPECT_THAT(text, Not(HasSubstr("±")));
}

TEST(Markdown, SeedsThatDecideNothingCountAsOne) {
  Records records;
  records.good = {
      some_record("sgd", 1, "aaaaaaa1", 0.75, 0.5), some_record("sgd", 2, "aaaaaaa2", 0.75, 0.5),
      some_record("adam", 1, "bbbbbbb1", 0.75, 0.7), some_record("adam", 2, "bbbbbbb2", 0.75, 0.8)};
  records.good[1].outcome.cost.train = {4, 4};  // times are still repetitions
  const std::string text = section(markdown(records), "cifar10, cnn3");
  EXPECT_THAT(
      text,
      HasSubstr("| sgd | 2, seeds agree | 75.00 (not fitted) | 50.00 | 0.5000 | 0.7500 | 25.00 |"));
  EXPECT_THAT(text, HasSubstr("| 3.00 ± 1.41 |"));
  EXPECT_THAT(text, HasSubstr("| adam | 2 | 75.00 ± 0.00 (not fitted) | 75.00 ± 7.07 |"));
  EXPECT_THAT(text, Not(HasSubstr("**")));
}

TEST(Markdown, DataSetsAndSettingsAreTablesOfTheirOwn) {
  Records records = three_methods();
  Record other = some_record("sgd", 1, "ddddddd1");
  other.dataset = "cifar100";
  other.settings["dataset"] = "cifar100";
  records.good.push_back(other);
  for (std::size_t i = 0; i < 2; ++i) {
    records.good[i].settings["data.train"] = std::int64_t{2000};
  }
  const std::string text = markdown(records);
  EXPECT_THAT(section(text, "cifar10, cnn3 [data.train=2000]"), HasSubstr("| sgd | 2 |"));
  EXPECT_THAT(section(text, "cifar10, cnn3 [data.train=2000]"), Not(HasSubstr("adam")));
  EXPECT_THAT(section(text, "cifar10, cnn3 [data.train=all]"), HasSubstr("| adam | 2 |"));
  EXPECT_THAT(section(text, "cifar10, cnn3 [data.train=all]"),
              HasSubstr("No ratios here: they need exactly one row of the baseline sgd."));
  EXPECT_THAT(section(text, "cifar100, cnn3"), HasSubstr("| sgd | 1 |"));
}

TEST(Markdown, TwoRowsOfTheBaselineGiveNoRatios) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1"), some_record("sgd", 1, "aaaaaaa2"),
                  some_record("adam", 1, "bbbbbbb1")};
  records.good[1].settings["batch"] = std::int64_t{256};
  const std::string text = markdown(records, "sgd");
  EXPECT_THAT(text, HasSubstr("No ratios here"));
  EXPECT_THAT(text, Not(HasSubstr("| × FLOPs")));
}

TEST(Markdown, LargeCountsHaveCommasBetweenThrees) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1")};
  records.good[0].outcome.dimension = 123456;
  records.good[0].outcome.training_examples = 999;
  EXPECT_THAT(markdown(records), HasSubstr("\n123,456 parameters, 999 training examples.\n"));
}

TEST(Markdown, OneMethodWithTwoSettingsIsTwoRowsNotTwoSeeds) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1"), some_record("sgd", 1, "aaaaaaa2")};
  records.good[1].settings["batch"] = std::int64_t{256};
  const std::string text = markdown(records);
  EXPECT_THAT(text, HasSubstr("| sgd [batch=64] | 1 |"));
  EXPECT_THAT(text, HasSubstr("| sgd [batch=256] | 1 |"));
}

TEST(Markdown, RegressionShowsLossesOnly) {
  Records records;
  Record r = some_record("sgd", 1, "aaaaaaa1");
  r.outcome.final->train.accuracy.reset();
  r.outcome.final->test->accuracy.reset();
  records.good = {r};
  const std::string text = section(markdown(records), "cifar10, cnn3");
  EXPECT_THAT(text, Not(HasSubstr("acc %")));
  EXPECT_THAT(text, Not(HasSubstr("Error gap")));
  EXPECT_THAT(text, HasSubstr("| Loss gap ↓ |"));
}

TEST(Markdown, AProblemWithoutTestShowsWhatItHas) {
  Records records;
  Record r = some_record("sgd", 1, "aaaaaaa1");
  r.dataset = "linear_teacher";
  r.network = "";
  r.outcome.final->train.accuracy.reset();
  r.outcome.final->test.reset();
  r.outcome.final->probes = {{"sharpness", "top", 2.5, "1/nat"}};
  records.good = {r};
  const std::string text = section(markdown(records), "linear_teacher");
  EXPECT_THAT(text, HasSubstr("| Method | n | Train loss ↓ | Gradient samples ↓ |"));
  EXPECT_THAT(text, HasSubstr("| Probes | sharpness.top [1/nat] |"));
  EXPECT_THAT(text, HasSubstr("| sgd | 2.5000 |"));
}

TEST(Markdown, MixedBuildsAndPluginsAreSaid) {
  Records records = three_methods();
  records.good[2].build = "gapbench 0.1.0 def Release";
  records.good[3].plugins["optimizer sgd"] = std::string(64, '2');
  const std::string text = markdown(records);
  EXPECT_THAT(text, HasSubstr("- a: gapbench 0.1.0 abc Release (7 trials)\n"
                              "- b: gapbench 0.1.0 def Release (1 trial)\n"));
  EXPECT_THAT(text, HasSubstr("optimizer sgd comes from different libraries: "
                              "111111111111 in 7 trials, 222222222222 in 1 trial."));
  EXPECT_THAT(text, HasSubstr("| × train s | Build |"));
  EXPECT_THAT(text, HasSubstr("| 2.50 | a b |"));
  EXPECT_THAT(text, HasSubstr("| 1.00 | a |"));
}

TEST(Markdown, NotesOfTheDataAreSaidOnce) {
  Records records = three_methods();
  for (Record& r : records.good) r.outcome.notes = {"cifar10: partial: 2000 of 50000 records"};
  const std::string text = markdown(records);
  const std::string note = "Note: cifar10: partial: 2000 of 50000 records.\n";
  ASSERT_NE(text.find(note), std::string::npos);
  EXPECT_EQ(text.find(note), text.rfind(note));
}

TEST(Markdown, NothingIsDroppedInSilence) {
  Records records = three_methods();
  Record copy = records.good[0];
  copy.folder = "copy/seed-1-aaaaaaa1";
  records.good.push_back(copy);
  copy.folder = "other/seed-1-aaaaaaa1";
  copy.outcome.final->test->accuracy = 0.1;
  records.good.push_back(copy);
  records.unfinished = {"demo/cifar10/cnn3/sgd/seed-9-99999999"};
  records.broken = {{"demo/bad", "summary.json: is not valid JSON"}};
  const std::string text = markdown(records);
  EXPECT_THAT(text, HasSubstr("| sgd | 2 |"));
  EXPECT_EQ(section(text, "Left out"),
            "## Left out\n\n"
            "- copy/seed-1-aaaaaaa1: the same trial as demo/cifar10/cnn3/sgd/seed-1-aaaaaaa1, "
            "counted once\n"
            "- other/seed-1-aaaaaaa1: the same trial as demo/cifar10/cnn3/sgd/seed-1-aaaaaaa1, "
            "counted once; **its test accuracy is 0.5 in demo/cifar10/cnn3/sgd/seed-1-aaaaaaa1 and "
            "0.1 in "
            "other/seed-1-aaaaaaa1**\n"
            "- demo/cifar10/cnn3/sgd/seed-9-99999999: not finished\n"
            "- demo/bad: summary.json: is not valid JSON\n");
}

TEST(Markdown, BrokenRecordsAlone) {
  Records records;
  records.broken = {{"demo/bad", "summary.json: is not valid JSON"}};
  EXPECT_THAT(markdown(records), HasSubstr("## Left out\n\n- demo/bad: "));
}

TEST(Markdown, NamesCannotBreakTheTable) {
  Records records;
  records.good = {some_record("a|b", 1, "aaaaaaa1")};
  EXPECT_THAT(markdown(records), HasSubstr("| a\\|b | 1 |"));
}

TEST(Markdown, FromDiskItIsTheSame) {
  const test::TemporaryFolder results;
  Records records = three_methods();
  for (Record& r : records.good) r.folder = test::write_record(results.path(), r);
  EXPECT_EQ(section(markdown(records::read_records({results.path()}), "sgd"), "cifar10, cnn3"),
            section(markdown(
                        [&] {
                          records.suites.clear();
                          return records;
                        }(),
                        "sgd"),
                    "cifar10, cnn3"));
}

}  // namespace
}  // namespace gapbench::compare
