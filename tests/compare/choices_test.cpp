// What `compare` can be asked for: grouping, metrics, formats, published numbers, several problems.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "compare/sections/problems.h"
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

std::string message_of(const Records& records, const CompareOptions& options) {
  try {
    compare(records, options);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

/// sgd and adam with batches 64 and 128, two seeds each.
Records batches() {
  Records records;
  int number = 0;
  for (const char* method : {"sgd", "adam"}) {
    for (const std::int64_t batch : {64, 128}) {
      for (const std::uint64_t seed : {1U, 2U}) {
        Record r = some_record(method, seed, "aaaaaa" + std::to_string(10 + number++), 0.995,
                               0.5 + 0.01 * static_cast<double>(seed));
        r.settings["batch"] = batch;
        r.settings["optimizer"] = std::string(method);
        records.good.push_back(r);
      }
    }
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  return records;
}

TEST(GroupBy, OneRowForEachValue) {
  CompareOptions options;
  options.group_by = {"optimizer"};
  const std::string text = compare(batches(), options);
  EXPECT_THAT(text, HasSubstr("Baseline: sgd."));
  EXPECT_THAT(text, HasSubstr("| sgd | 4 | 99.50 ± 0.00 | 51.50 ± 0.58 |"));
  EXPECT_THAT(text, HasSubstr("| Settings that differ | batch | optimizer |\n|:---|---:|---:|\n"
                              "| sgd | 128, 64 | sgd |"));
  EXPECT_THAT(text, HasSubstr("Rows here pool trials of different settings"));
  EXPECT_THAT(text, HasSubstr("A row in which a seed comes twice is compared with none by seed."));
  EXPECT_THAT(text, Not(HasSubstr("| Against sgd")));
}

TEST(GroupBy, NumbersAreSortedAsNumbersAndNamed) {
  CompareOptions options;
  options.group_by = {"batch", "optimizer"};
  const std::string text = compare(batches(), options);
  EXPECT_THAT(text, HasSubstr("| batch=64, adam | 2 |"));
  EXPECT_LT(text.find("| batch=64, adam | 2 |"), text.find("| batch=128, adam | 2 |"));
  EXPECT_THAT(text, Not(HasSubstr("pool trials")));
}

TEST(GroupBy, AKeyThatIsNotThereIsAnError) {
  CompareOptions options;
  options.group_by = {"bacth"};
  EXPECT_EQ(message_of(batches(), options),
            "group by: no trial has a setting \"bacth\"; did you mean \"batch\"?");
}

std::string selection_of(std::vector<std::string> only, std::vector<std::string> without) {
  CompareOptions options;
  options.selection = {std::move(only), std::move(without)};
  return compare(batches(), options);
}

TEST(Select, ShowsWhatWasAskedForAndSaysSo) {
  const std::string all = selection_of({}, {});
  EXPECT_THAT(all, HasSubstr("| adam ["));
  EXPECT_THAT(all, Not(HasSubstr("as asked")));
  const std::string only = selection_of({"adam"}, {});
  EXPECT_THAT(only, HasSubstr("\n\nOnly these methods, as asked: adam.\n\n"));
  EXPECT_THAT(only, HasSubstr("| adam ["));
  EXPECT_THAT(only, Not(HasSubstr("| sgd ")));
  const std::string without = selection_of({"adam", "sgd"}, {"adam"});
  EXPECT_THAT(without,
              HasSubstr("Only these methods, as asked: adam, sgd. Left out, as asked: adam.\n"));
  EXPECT_THAT(without, HasSubstr("| sgd ["));
  EXPECT_THAT(without, Not(HasSubstr("| adam ")));
}

TEST(Select, TheBaselineMayBeLeftOut) {
  EXPECT_THAT(selection_of({}, {"sgd"}), Not(HasSubstr("Baseline")));
  CompareOptions options;
  options.selection.without = {"sgd"};
  options.baseline = "sgd";
  EXPECT_EQ(message_of(batches(), options),
            "baseline: no method \"sgd\" in these records; valid: adam");
}

TEST(Select, AMethodThatIsNotThereIsAnError) {
  CompareOptions options;
  options.selection.without = {"adma"};
  EXPECT_EQ(message_of(batches(), options),
            "without: no method \"adma\" in these records; did you mean \"adam\"?");
  options.selection = {{"lbfgs"}, {}};
  EXPECT_EQ(message_of(batches(), options),
            "only: no method \"lbfgs\" in these records; valid: adam, sgd");
  options.selection = {{"sgd"}, {"sgd"}};
  EXPECT_EQ(message_of(batches(), options), "without: no method is left");
}

TEST(Metric, ShowsOnlyWhatWasAskedBesideTrainAccuracyAndCost) {
  CompareOptions options;
  options.metrics = {"loss_gap"};
  const std::string text = compare(batches(), options);
  EXPECT_THAT(text, HasSubstr("| Method | n | Train acc % ↑ | Loss gap ↓ | Gradient samples ↓ |"));
  options.metrics = {"los_gap"};
  EXPECT_EQ(message_of(batches(), options),
            "metric: no metric \"los_gap\"; did you mean \"loss_gap\"?");
}

TEST(Metric, AProbeIsOneToo) {
  Records records = batches();
  for (Record& r : records.good) r.outcome.final->probes = {{"curvature", "top", 2.5, "1/nat"}};
  CompareOptions options;
  options.metrics = {"probe.curvature.top"};
  EXPECT_THAT(compare(records, options), HasSubstr("| Train acc % ↑ | curvature.top [1/nat] | Gr"));
}

TEST(Fitting, SomeAndAll) {
  Records records = batches();
  records.good[0].outcome.final->train.accuracy = 0.98;
  records.good[2].outcome.final->train.accuracy = 0.5;
  records.good[3].outcome.final->train.accuracy = 0.5;
  const std::string text = compare(records, {});
  EXPECT_THAT(text, HasSubstr("| 98.75 ± 1.06 (1/2 not fitted) |"));
  EXPECT_THAT(text, HasSubstr("| 50.00 ± 0.00 (not fitted) |"));
  EXPECT_THAT(text, HasSubstr("| 99.50 ± 0.00 | 51.50"));
}

TEST(Published, StandsBesideOurNumberWithItsSource) {
  Records records = batches();
  records.suites[0].published = {
      {"cifar10", "cnn3", "sgd", "test_accuracy", 52.5, 0.25, 3, "Author 2020, table 1"},
      {"cifar10", "", "adam", "test_accuracy", 53, std::nullopt, std::nullopt, "Other 2021"},
      {"cifar10", "resnet8", "sgd", "train_loss", 1, std::nullopt, std::nullopt, "not ours"}};
  const std::string text = compare(records, {});
  EXPECT_THAT(text, HasSubstr("| Test acc % ↑ | Published Test acc % | Train loss"));
  EXPECT_THAT(text, HasSubstr("| 51.50 ± 0.71 | 52.5 ± 0.25 (n=3) [1] |"));
  EXPECT_THAT(text, HasSubstr("| 51.50 ± 0.71 | 53 [2] |"));
  EXPECT_THAT(text, HasSubstr("Published, not measured here: [1] Author 2020, table 1; [2] Other "
                              "2021.\n"));
  EXPECT_THAT(text, Not(HasSubstr("not ours")));
}

TEST(Json, SaysWhatTheTablesSay) {
  Records records;
  records.good = {
      some_record("sgd", 1, "aaaaaaa1", 0.75, 0.50), some_record("sgd", 2, "aaaaaaa2", 0.77, 0.52),
      some_record("adam", 1, "bbbbbbb1", 0.995, 0.60),
      failed_record("adam", 2, "bbbbbbb2", train::Status::diverged, 7, "not \xff finite")};
  records.suites = {{"demo", "", "sgd", {"sgd", "adam"}}};
  records.broken = {{"demo/bad", "cut short"}};
  records.unfinished = {"demo/begun"};
  CompareOptions options;
  options.format = Format::json;
  const auto json = nlohmann::json::parse(compare(records, options));
  EXPECT_EQ(json["schema"], 2);
  EXPECT_EQ(json["baseline"], "sgd");
  const auto& rows = json["sections"][0]["rows"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["metrics"]["test_accuracy"]["mean"], 51);
  EXPECT_EQ(rows[0]["metrics"]["test_accuracy"]["values"][1]["value"], 52);
  EXPECT_EQ(rows[0]["not_fitted"], 2);
  EXPECT_EQ(rows[1]["failed"][0]["status"], "diverged");
  EXPECT_EQ(rows[1]["metrics"]["test_accuracy"]["deviation"], nullptr);
  EXPECT_EQ(rows[1]["against"]["test_accuracy"]["difference"], 10);
  EXPECT_EQ(rows[1]["against"]["test_accuracy"]["p"], nullptr);
  EXPECT_EQ(rows[1]["against"]["test_accuracy"]["failed"], 1);
  EXPECT_EQ(rows[1]["against"]["test_accuracy"]["among"]["outside"], "failed trials");
  EXPECT_EQ(json["broken"][0]["reason"], "cut short");
  EXPECT_EQ(json["unfinished"][0], "demo/begun");
}

/// a is right on 90 % of cifar10 and 50 % of cifar100, b on 80 % and 60 %; c diverged on one.
Records two_problems() {
  Records records;
  const auto add = [&](const char* method, const char* dataset, double accuracy,
                       const std::string& head) {
    Record r = some_record(method, 1, head, 1, accuracy);
    r.dataset = dataset;
    r.settings["dataset"] = std::string(dataset);
    records.good.push_back(r);
  };
  add("a", "cifar10", 0.9, "aaaaaaa1");
  add("a", "cifar100", 0.5, "aaaaaaa2");
  add("b", "cifar10", 0.8, "bbbbbbb1");
  add("b", "cifar100", 0.6, "bbbbbbb2");
  add("c", "cifar10", 0.9, "ccccccc1");
  add("c", "cifar100", 0.9, "ccccccc2");
  records.good.back().outcome.status = train::Status::diverged;
  add("d", "cifar10", 0.9, "ddddddd1");
  return records;
}

// Errors of a: 10 and 50, of b: 20 and 40, of c: 10 and failed; best: 10 and 40.
TEST(OverProblems, ByHand) {
  const Records records = two_problems();
  const OverProblems summary = summarize_problems(aggregate(records, ""));
  ASSERT_EQ(summary.lines.size(), 3U);
  const auto& a = summary.lines[0];
  const auto& b = summary.lines[1];
  const auto& c = summary.lines[2];
  EXPECT_NEAR(*a.inter_quartile_mean, 70, 1e-12);
  EXPECT_NEAR(*b.inter_quartile_mean, 70, 1e-12);
  EXPECT_EQ(a.profile, (std::vector<double>{0.5, 0.5, 1, 1, 1, 1}));
  EXPECT_EQ(b.profile.front(), 0.5);
  EXPECT_EQ(b.profile.back(), 1);
  EXPECT_EQ(c.profile, (std::vector<double>(6, 0.5)));
  EXPECT_EQ(c.trials, 1U);
  EXPECT_EQ(summary.left_out, std::vector<std::string>{"d"});
  CompareOptions options;
  options.over_problems = true;
  EXPECT_THAT(compare(records, options), HasSubstr("| c | 1, 1 failed | 90.00 | 0.50 |"));
}

TEST(SetUp, TimesThatCannotBeComparedAreSaid) {
  Records records = batches();
  records.good[0].threads = 2;
  records.good[1].shared_machine = true;
  EXPECT_THAT(compare(records, {}),
              HasSubstr("**Mixed timing**: seconds are not comparable between 6 trials with 1 "
                        "thread, alone on the machine and 1 trial with 1 thread, beside other "
                        "trials and 1 trial with 2 threads, alone on the machine."));
}

TEST(SetUp, ProcessorsAreReadFromTheEnvironments) {
  const test::TemporaryFolder root;
  Records records = batches();
  for (std::size_t i = 0; i < records.good.size(); ++i) {
    Record& r = records.good[i];
    r.folder = test::write_record(root.path(), r);
    const std::string name = r.folder.lexically_relative(root.path()).string();
    root.write(name + "/environment.json",
               i == 0 ? R"({"machine": {"cpu": "Old"}})" : R"({"machine": {"cpu": "New"}})");
    r = records::read_record(r.folder);
  }
  EXPECT_THAT(compare(records, {}),
              HasSubstr("between 7 trials with New, 1 thread, alone on the machine and 1 trial "
                        "with Old, 1 thread, alone on the machine."));
}

}  // namespace
}  // namespace gapbench::compare
