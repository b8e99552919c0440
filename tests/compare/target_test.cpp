// What it cost to get somewhere.
#include "compare/rows/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using test::some_record;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using train::Evaluation;

/// Test accuracies at 0, 1000, 2000, ... gradient samples, as many FLOPs and a thousandth of seconds;
/// the train loss is 1 - accuracy.
std::vector<Evaluation> history(const std::vector<double>& accuracies) {
  std::vector<Evaluation> all;
  for (std::size_t i = 0; i < accuracies.size(); ++i) {
    const double paid = 1000 * static_cast<double>(i);
    Evaluation e;
    e.step = 10 * i;
    e.epoch = static_cast<double>(i);
    e.train = {1 - accuracies[i], accuracies[i], 100};
    e.test = train::PartMetrics{1, accuracies[i], 50};
    e.cost.train = {paid / 1000, paid / 1000};
    e.cost.train_passes = {paid, paid, 0, 0, paid};
    all.push_back(e);
  }
  return all;
}

std::optional<double> samples(const std::vector<double>& accuracies, const std::string& target) {
  return cost_to(history(accuracies), parse_target(target));
}

// Half way from 0.5 to 0.7 is half way from 1000 to 2000; only the first time counts.
TEST(Target, IsReachedBetweenTwoEvaluations) {
  EXPECT_EQ(samples({0.25, 0.5, 0.75, 0.5, 0.875}, "test_accuracy=0.625"), 1500);
  EXPECT_EQ(samples({0.25, 0.5, 0.75}, "test_accuracy=0.5"), 1000);
  EXPECT_EQ(samples({0.25, 0.5}, "test_accuracy=0.125"), 0);
  EXPECT_EQ(samples({0.25, 0.5}, "test_accuracy=0.625"), std::nullopt);
  EXPECT_EQ(samples({}, "test_accuracy=0.625"), std::nullopt);
}

// The logarithms of 0.5 and 0.125 have that of 0.25 half way.
TEST(Target, OfALossIsReachedFromAboveInItsLogarithm) {
  EXPECT_NEAR(*samples({0.5, 0.875}, "train_loss=0.25"), 500, 1e-9);
  EXPECT_EQ(samples({0.5, 1}, "train_loss=0.25"), 1000);  // log 0
  EXPECT_EQ(samples({0.5, 0.5}, "train_loss=0.25"), std::nullopt);
}

TEST(Target, IsPaidInWhatIsAsked) {
  Target target = parse_target("test_accuracy=0.625");
  target.cost = At::equal_seconds;
  EXPECT_EQ(cost_to(history({0.5, 0.75}), target), 0.5);
  target.cost = At::equal_steps;
  EXPECT_EQ(cost_to(history({0.25, 0.5, 0.75}), target), 15);
  EXPECT_EQ(unit_of(target.cost), "steps");
}

TEST(Target, WhatIsNoTargetIsRefused) {
  for (const char* text : {"test_accuracy=60", "test_accuracy=0", "test_accuracy", "test_accuracy=",
                           "test_accuracy=0.6x", "test_loss=0", "test_loss=-1", "test_loss=inf"}) {
    EXPECT_THAT(test::error_of([&] { parse_target(text); }), HasSubstr("must be")) << text;
  }
  EXPECT_THAT(test::error_of([&] { parse_target("test_acuracy=0.6"); }),
              HasSubstr("did you mean \"test_accuracy\"?"));
}

class ToTarget : public ::testing::Test {
 protected:
  void add(Record record, const std::vector<double>& accuracies) {
    const std::vector<Evaluation> all = history(accuracies);
    if (record.outcome.status == train::Status::ok) {
      record.outcome.final = all.back();
      record.outcome.step = record.outcome.steps = all.back().step;
    }
    record.outcome.cost = all.back().cost;
    records::RecordWriter writer(root_.path() / record.folder);
    writer.write_trial("suite: demo\n");
    for (const Evaluation& e : all) writer.append(e);
    writer.finish(record);
  }

  /// sgd gets to 0.5 after 500, 1000 and 2000, adam after 250, 500 and 1000; rough in one of three.
  void add_methods() {
    add(some_record("sgd", 1, "aaaaaaa1"), {0, 1});
    add(some_record("sgd", 2, "aaaaaaa2"), {0, 0.5});
    add(some_record("sgd", 3, "aaaaaaa3"), {0, 0.25, 0.5});
    add(some_record("adam", 1, "bbbbbbb1"), {0.375, 0.875});
    add(some_record("adam", 2, "bbbbbbb2"), {0.25, 0.75});
    add(some_record("adam", 3, "bbbbbbb3"), {0.25, 0.5});
    add(some_record("rough", 1, "ccccccc1"), {0.25, 0.75});
    add(some_record("rough", 2, "ccccccc2"), {0.25, 0.375});
    add(test::failed_record("rough", 3, "ccccccc3", train::Status::diverged, 10, "not finite"),
        {0.25, 0.375});
  }

  std::string said(Format format = Format::markdown, const char* to = "test_accuracy=0.5") const {
    CompareOptions options{"sgd", format};
    options.to = parse_target(to);
    return compare(records::read_records({root_.path()}), options);
  }

  test::TemporaryFolder root_;
};

// Differences are -250, -500 and -1000: mean -583, t interval half 4.303 * 381.9 / sqrt(3) = 949.
TEST_F(ToTarget, MissesAreInfiniteAndCounted) {
  add_methods();
  const std::string page = said();
  EXPECT_THAT(page, HasSubstr("## Cost to a test_accuracy of 0.5\n"));
  EXPECT_THAT(page, HasSubstr("| sgd | 3 | 0 | 1.00 k | 1.17 ± 0.76 k | – |"));
  EXPECT_THAT(page, HasSubstr("| adam | 3 | 0 | 500 | 583 ± 382 | -583 [-1.53e+03, +365] |"));
  EXPECT_THAT(page, HasSubstr("| rough | 3 | 2 | ∞ | – | – |"));
}

TEST_F(ToTarget, AMissOfTheBaselineLeavesNoDifference) {
  add_methods();
  add(some_record("sgd", 4, "aaaaaaa4"), {0, 0.25});
  const std::string page = said();
  EXPECT_THAT(page, HasSubstr("| sgd | 4 | 1 | 1.50 k | – |"));
  EXPECT_THAT(page, Not(HasSubstr("Δ to sgd, by seed")));
}

TEST_F(ToTarget, StandsInEveryFormat) {
  add_methods();
  EXPECT_THAT(said(Format::latex), HasSubstr("Cost to a test\\_accuracy of 0.5"));
  const auto json = nlohmann::json::parse(said(Format::json))["to"];
  EXPECT_EQ(json["metric"], "test_accuracy");
  EXPECT_EQ(json["unit"], "gradient samples");
  for (const auto& row : json["rows"]) {
    if (row["row"] != "rough") continue;
    EXPECT_EQ(row["missed"], 2);
    EXPECT_TRUE(row["median"].is_null());
    EXPECT_EQ(row["values"][0]["cost"], 500);
    EXPECT_TRUE(row["values"][1]["cost"].is_null());
  }
  const std::string csv = said(Format::csv);
  EXPECT_THAT(csv, AllOf(HasSubstr(",gradient samples to test_accuracy=0.5\n"), HasSubstr(",500\n"),
                         HasSubstr(",inf\n")));
}

TEST_F(ToTarget, HistoriesThatCannotTellAreNamed) {
  add_methods();
  root_.write("demo/cifar10/cnn3/adam/seed-1-bbbbbbb1/history.jsonl", "{\n");
  const std::string page = said();
  EXPECT_THAT(page, HasSubstr("| adam | 2 | 0 |"));
  EXPECT_THAT(page, HasSubstr("its cost to a test_accuracy is unknown: line 1 of history.jsonl"));
  EXPECT_THAT(test::error_of([&] { said(Format::markdown, "validation_accuracy=0.5"); }),
              HasSubstr("no trial has a validation_accuracy in its history"));
}

TEST_F(ToTarget, IsOfWholeTrials) {
  add_methods();
  CompareOptions options;
  options.to = parse_target("test_accuracy=0.5");
  options.at = At::equal_samples;
  EXPECT_THAT(test::error_of([&] { compare(records::read_records({root_.path()}), options); }),
              HasSubstr("is of whole trials"));
}

}  // namespace
}  // namespace gapbench::compare
