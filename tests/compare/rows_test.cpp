// Settings of the network as rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "compare/findings/claims.h"
#include "compare/report/report.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* f32 = "sgd [network.precision=f32]";
constexpr const char* bf16 = "sgd [network.precision=bf16]";

/// Of one precision, a seed each, so many points above 50 %; all have fitted.
void add(const std::string& precision, const std::vector<double>& points, Records& records,
         const std::string& method = "sgd") {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string head = (precision == "f32" ? "a" : "b") + method.substr(0, 1) + "00000";
    Record r = some_record(method, i + 1, head + std::to_string(i + 1), 1, 0.5 + points[i] / 100);
    r.settings["network.precision"] = precision;
    records.good.push_back(r);
  }
}

/// By seed bf16 - f32 is 1, 2 and 3 points: mean 2, t interval 2 ± 4.303 / sqrt(3) = 2 ± 2.484.
Records two_precisions() {
  Records records;
  add("f32", {0, 0, 0}, records);
  add("bf16", {1, 2, 3}, records);
  records.suites = {{"demo", "", "", {"sgd"}}};
  return records;
}

Records suite_with_rows() {
  Records records = two_precisions();
  records.suites[0].rows = {"network.precision"};
  records.suites[0].baseline = f32;
  return records;
}

std::string asked(const Records& records, const std::string& baseline = "") {
  CompareOptions options;
  options.rows = {"network.precision"};
  options.baseline = baseline;
  return compare(records, options);
}

TEST(Rows, ASettingOfTheNetworkLeavesTheSection) {
  const Aggregate apart = aggregate(two_precisions(), "");
  EXPECT_THAT(apart.sections, SizeIs(2));
  const Records records = two_precisions();
  const Aggregate all = aggregate(records, "", {}, At::final, {}, {"network.precision"});
  ASSERT_THAT(all.sections, SizeIs(1));
  ASSERT_THAT(all.sections[0].rows, SizeIs(2));
  EXPECT_EQ(all.sections[0].title, "cifar10, cnn3");
  EXPECT_FALSE(all.sections[0].problem.contains("network.precision"));
}

TEST(Sections, StandInTheOrderOfWhatTellsThemApart) {
  Records records;
  const char* checksums[] = {"b", "c", "a"};
  for (std::int64_t split = 0; split < 3; ++split) {
    Record r = some_record("sgd", 1, "split00" + std::to_string(split), 1, 0.5);
    r.settings["data.checksum"] = std::string(checksums[split]);
    r.settings["dataset.split"] = split;
    records.good.push_back(r);
  }
  const Aggregate all = aggregate(records, "");
  ASSERT_THAT(all.sections, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(all.sections[i].title, HasSubstr("dataset.split=" + std::to_string(i)));
  }
}

TEST(Rows, AreComparedBySeed) {
  const std::string page = asked(two_precisions(), f32);
  EXPECT_THAT(page, HasSubstr("Baseline: sgd [network.precision=f32]."));
  EXPECT_THAT(page, HasSubstr("| sgd [network.precision=bf16] | 3 | +2 [-0.484, +4.48] | 0.074 |"));
}

TEST(Rows, TheSuiteNamesThemAndItsBaseline) {
  EXPECT_EQ(compare(suite_with_rows(), {}), asked(two_precisions(), f32));
  EXPECT_THAT(report(suite_with_rows(), {}), HasSubstr("Baseline: sgd [network.precision=f32]."));
}

TEST(Rows, AMethodNamesItsOnlyRow) {
  Records records = two_precisions();
  add("f32", {4, 4, 5}, records, "adam");
  EXPECT_THAT(asked(records, "adam"), HasSubstr("Baseline: adam [network.precision=f32]."));
  EXPECT_EQ(test::error_of([&] { asked(records, "sgd"); }),
            "baseline: \"sgd\" has several rows; name one of \"sgd [network.precision=bf16]\", "
            "\"sgd [network.precision=f32]\"");
}

TEST(Rows, ClaimsSpeakOfThem) {
  Records records = suite_with_rows();
  records.suites[0].claims = {{{suite::Claim::Kind::within, bf16, "test_accuracy", "cifar10"}, 0}};
  records.suites[0].claims[0].claim.margin = 5;
  const auto all = answers(records, aggregate(records, ""));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].where, "cifar10, cnn3");
  EXPECT_EQ(all[0].word, "holds");
}

TEST(Rows, CarryOverFromSetToSet) {
  Records records = suite_with_rows();
  for (const Record& r : suite_with_rows().good) {
    Record other = r;
    other.dataset = "cifar100";
    other.settings["dataset"] = std::string("cifar100");
    other.identity[7] = 'f';
    other.identity[8] = static_cast<char>('0' + r.seed);
    records.good.push_back(other);
  }
  const auto list = carried(aggregate(records, ""));
  ASSERT_FALSE(list.empty());
  EXPECT_EQ(list.front().method, bf16);
}

TEST(Rows, RecoveryIsMeasuredBetweenThem) {
  Records records = suite_with_rows();
  add("f32", {2, 2, 2}, records, "adam");
  for (Record& r : records.good) {
    if (r.settings.at("network.precision") == OptionValue(std::string("bf16"))) {
      r.outcome.final->test->accuracy = 0.54 + 0.001 * static_cast<double>(r.seed);
    }
  }
  CompareOptions options;
  options.large_batch = f32;
  options.small_batch = bf16;
  options.metrics = {"test_accuracy"};
  EXPECT_THAT(compare(records, options), HasSubstr("| adam [network.precision=f32] | 0.48 ["));
}

TEST(Rows, AreNotPooledByOtherKeys) {
  CompareOptions options;
  options.rows = {"network.precision"};
  options.group_by = {"method"};
  const std::string page = compare(two_precisions(), options);
  EXPECT_THAT(page, HasSubstr("| sgd, bf16 | 3 |"));
  EXPECT_THAT(page, HasSubstr("| sgd, f32 | 3, seeds agree |"));
}

TEST(Rows, AreHintedAtWhereNothingElseIsCompared) {
  EXPECT_THAT(compare(two_precisions(), {}),
              HasSubstr("The sections on cifar10, cnn3 have one row each and differ in "
                        "network.precision: `--rows network.precision` compares them as rows."));
  EXPECT_THAT(asked(two_precisions()), Not(HasSubstr("one row each")));
  Records more = two_precisions();
  add("f32", {1, 2, 3}, more, "adam");
  EXPECT_THAT(compare(more, {}), Not(HasSubstr("one row each")));
}

TEST(Rows, WhatNoTrialHasIsRefused) {
  CompareOptions options;
  options.rows = {"network.precison"};
  EXPECT_EQ(
      test::error_of([&] { compare(two_precisions(), options); }),
      "rows: no trial has an option \"network.precison\" of its network, data set or problem; "
      "did you mean \"network.precision\"?");
  options.rows = {"batch"};
  EXPECT_THAT(test::error_of([&] { compare(two_precisions(), options); }),
              HasSubstr("no trial has an option \"batch\""));
}

}  // namespace
}  // namespace gapbench::compare
