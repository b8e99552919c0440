#include "compare/findings/claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/compare.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::DeclaredClaim;
using records::Record;
using records::Records;
using suite::Claim;
using test::some_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// A record a seed of the method, its test accuracy so many points above 50 %; all have fitted.
void add(const std::string& dataset, const std::string& method, const std::vector<double>& points,
         Records& records) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::string head =
        (dataset == "cifar10" ? "a" : "b") + method.substr(0, 1) + "00000" + std::to_string(i + 1);
    Record r = some_record(method, i + 1, head, 1, 0.5 + points[i] / 100);
    r.dataset = dataset;
    r.settings["dataset"] = dataset;
    records.good.push_back(r);
  }
}

/// adam gains about 4 points on sgd on both sets, jac about 1, twin nothing.
Records some_records() {
  Records records;
  for (const char* dataset : {"cifar10", "cifar100"}) {
    add(dataset, "sgd", {0, 0, 0, 0, 0}, records);
    add(dataset, "adam", {4, 4.25, 3.75, 4.5, 3.5}, records);
    add(dataset, "jac", {1, 1.25, 0.75, 1.5, 0.5}, records);
    add(dataset, "twin", {0, 0.25, -0.25, 0.5, -0.5}, records);
  }
  records.suites = {{"demo", "", "sgd", {"sgd", "adam", "jac", "twin"}}};
  return records;
}

Claim carries(const std::string& method) {
  return {Claim::Kind::carries, method, "test_accuracy", "cifar10", "cifar100"};
}
Claim on(Claim::Kind kind, const std::string& method) {
  return {kind, method, "test_accuracy", "cifar10"};
}
Claim within(const std::string& method, double margin) {
  Claim claim = on(Claim::Kind::within, method);
  claim.margin = margin;
  return claim;
}
Claim below(const std::string& method, const std::string& of) {
  Claim claim = on(Claim::Kind::below, method);
  claim.of = of;
  return claim;
}

Answer answer(Records records, const Claim& claim) {
  static Records kept;  // the answer points into it
  kept = std::move(records);
  kept.suites[0].claims = {{claim, 0}};
  const auto all = answers(kept, aggregate(kept, ""));
  EXPECT_THAT(all, SizeIs(1));
  return all.front();
}

std::string word(const Claim& claim) { return answer(some_records(), claim).word; }

TEST(Claims, EveryKindIsDecidedByItsInterval) {
  EXPECT_EQ(word(carries("adam")), "reproduces");
  EXPECT_EQ(word(on(Claim::Kind::gains, "adam")), "holds");
  EXPECT_EQ(word(on(Claim::Kind::gains, "twin")), "not decided");
  EXPECT_EQ(word(within("twin", 1)), "holds");
  EXPECT_EQ(word(within("twin", 0.1)), "not decided");
  EXPECT_EQ(word(within("adam", 1)), "does not hold");
  EXPECT_EQ(word(below("jac", "adam")), "holds");
  EXPECT_EQ(word(below("adam", "jac")), "does not hold");
}

TEST(Claims, AWorseMethodDoesNotGain) {
  Records records = some_records();
  records.suites[0].baseline = "adam";
  EXPECT_EQ(answer(records, on(Claim::Kind::gains, "sgd")).word, "does not hold");
}

// Test losses are all equal: nothing is known of their error.
TEST(Claims, OfAMetricThatDoesNotMove) {
  Claim claim = on(Claim::Kind::gains, "adam");
  claim.metric = "test_loss";
  const Answer a = answer(some_records(), claim);
  EXPECT_EQ(a.word, "not decided");
  EXPECT_EQ(a.why, "all differences are equal, their error is unknown");
}

TEST(Claims, OnLogOdds) {
  Claim claim = carries("adam");
  claim.scale = "log_odds";
  EXPECT_EQ(word(claim), "reproduces");
  Records records = some_records();
  for (Record& r : records.good) r.outcome.final->test->accuracy = 1;
  EXPECT_EQ(answer(records, claim).why,
            "a verdict needs 3 seeds in common with the baseline on both");
}

TEST(Claims, WhatIsNotThereIsSaid) {
  EXPECT_EQ(answer(some_records(), carries("lion")).why,
            "there is no row of lion on cifar10, cnn3");
  EXPECT_EQ(answer(some_records(), below("jac", "lion")).why,
            "there is no row of lion on cifar10, cnn3");
  Records one = some_records();
  std::erase_if(one.good, [](const Record& r) { return r.dataset == "cifar100"; });
  EXPECT_EQ(answer(one, carries("adam")).why,
            "there are no trials of one network on both cifar10 and cifar100");
  Records two = some_records();
  for (Record& r : two.good) {
    if (r.method == "adam" && r.seed == 1) r.settings["batch"] = std::int64_t{7};
  }
  EXPECT_EQ(answer(two, carries("adam")).why, "there are several rows of adam on cifar10, cnn3");
}

TEST(Claims, TwoSeedsAndAFailedBaselineDecideNothing) {
  Records two = some_records();
  std::erase_if(two.good, [](const Record& r) { return r.seed > 2; });
  EXPECT_EQ(answer(two, carries("adam")).word, "cannot tell");
  EXPECT_EQ(answer(two, within("twin", 1)).why, "needs three seeds in common with the baseline");
  Records failed = some_records();
  for (Record& r : failed.good) {
    if (r.method == "sgd") r.outcome.status = train::Status::diverged;
  }
  const Answer a = answer(failed, on(Claim::Kind::gains, "adam"));
  EXPECT_EQ(a.word, "not decided");
  EXPECT_EQ(a.why, "fewer than two seeds in common");
  EXPECT_THAT(a.given, ElementsAre("n = 0, 5 failed", "given one draw of the training set"));
}

TEST(Claims, UnequalSeedsAndConditionsAreSaid) {
  Records records = some_records();
  std::erase_if(records.good, [](const Record& r) {
    return r.method == "adam" && r.dataset == "cifar100" && r.seed == 5;
  });
  for (Record& r : records.good) {
    r.settings["data.split_seed"] = std::string("seed");
    if (r.method != "adam") continue;
    r.settings["tune.configurations"] = std::int64_t{4};
    r.settings["tune.trials"] = std::int64_t{12};
    if (r.dataset == "cifar10" && r.seed == 2) r.outcome.final->train.accuracy = 0.5;
  }
  EXPECT_THAT(answer(records, carries("adam")).given,
              ElementsAre("n = 5 on cifar10, cnn3", "n = 4 on cifar100, cnn3",
                          "adam (1/5 not fitted) on cifar10, cnn3", "adam tuned with 3 seeds",
                          "over draws of the training set"));
}

TEST(Claims, SplitsThatAreDrawnAnewShareNoDataDraw) {
  Records records = some_records();
  for (Record& r : records.good) {
    r.settings["data.split_seed"] = std::string("seed");
    r.settings["data.test_fraction"] = 0.1;
  }
  EXPECT_THAT(answer(records, within("twin", 1)).given,
              ElementsAre("n = 5", "over draws of the training and the test set"));
}

TEST(Claims, StandAboveEverythingElse) {
  Records records = some_records();
  records.suites[0].claims = {{carries("adam"), 0}, {within("twin", 1), 12}};
  const std::string text = compare(records, {});
  EXPECT_EQ(text.find("# Results: demo\n\n## Claims\n\n| Claim | On | Made | Became | Decided by | "
                      "Given |\n|:---|---:|---:|---:|---:|---:|\n| adam against sgd carries over "
                      "from cifar10 to cifar100 in test_accuracy (points, share 0.5) | cifar10, "
                      "cnn3, then cifar100, cnn3 | declared | reproduces | carried share 1.00 ["),
            0U);
  EXPECT_THAT(text, HasSubstr("\n| twin is within ±1 of sgd in test_accuracy on cifar10 | cifar10, "
                              "cnn3 | exploratory: 12 trials had been evaluated | holds | 0 ["));
  EXPECT_THAT(text, HasSubstr("All else on this page is exploratory."));
  CompareOptions without;
  without.selection.without = {"adam"};
  EXPECT_THAT(compare(records, without), HasSubstr("| declared | reproduces |"));
  records.suites[0].claims.clear();
  EXPECT_THAT(compare(records, {}), Not(HasSubstr("## Claims")));
  EXPECT_THAT(compare(records, {}), HasSubstr("No claim was declared"));
}

}  // namespace
}  // namespace gapbench::compare
