// What a record tells of predictions and posteriors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/record_json.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using test::some_record;
using test::TemporaryFolder;
using test::write_record;
using ::testing::HasSubstr;
using ::testing::Not;

train::Predictive some_predictions() {
  train::Predictive p;
  train::PartPrediction& test = p.test.emplace();
  test.examples = 10000;
  test.draws = 30;
  double next = 0.01;
  for (const auto& [name, score] : train::prediction_scores) test.*score = next += 0.1;
  test.bins = {{}, {4000, 0.4, 0.25}, {6000, 0.8, 0.9}};
  test.ece = 0.12;  // 0.4 x 0.15 + 0.6 x 0.1
  p.train.emplace().nll = 0.1 + 0.2;
  p.shifted = {{"blur-1", {}}, {"blur-2", {}}};
  p.shifted[1].scores.examples = 10000;
  p.shifted[1].scores.accuracy = 1.0 / 3;
  train::PosteriorNumbers& posterior = p.posterior.emplace();
  posterior.name = "laplace";
  posterior.prediction = "network";
  posterior.draws = 30;
  posterior.kl_nats = 1.0 / 3;
  posterior.fit_passes = {1, 2, 3, 4, 5};
  posterior.prediction_passes = {6, 7, 8, 9, 10};
  posterior.values = {{"laplace", "prior_variance", 0.5, ""}};
  return p;
}

TEST(Record, ReadsBackPredictions) {
  const TemporaryFolder results;
  Record r = some_record("sgd", 7, "0123abcd");
  r.outcome.final->predictive = some_predictions();
  const Record back = read_record(write_record(results.path(), r));
  const train::Predictive& there = back.outcome.final->predictive.value();
  const train::Predictive& due = *r.outcome.final->predictive;
  for (const auto& [name, score] : train::prediction_scores) {
    EXPECT_EQ((*there.test).*score, (*due.test).*score) << name;
  }
  EXPECT_EQ(there.test->draws, 30U);
  EXPECT_EQ(there.test->examples, 10000U);
  ASSERT_EQ(there.test->bins.size(), 3U);
  EXPECT_EQ(there.test->bins[0].examples, 0U);
  EXPECT_EQ(there.test->bins[1].examples, 4000U);
  EXPECT_EQ(there.test->bins[2].confidence, 0.8);
  EXPECT_EQ(there.test->bins[2].accuracy, 0.9);
  EXPECT_TRUE(there.train->bins.empty());
  EXPECT_EQ(there.train->nll, 0.1 + 0.2);
  EXPECT_FALSE(there.train->rmse);
  EXPECT_FALSE(there.validation);
  ASSERT_EQ(there.shifted.size(), 2U);
  EXPECT_EQ(there.shifted[0].name, "blur-1");
  EXPECT_EQ(there.shifted[1].scores.examples, 10000U);
  EXPECT_EQ(there.shifted[1].scores.accuracy, 1.0 / 3);
  EXPECT_FALSE(there.shifted[1].scores.nll);
  const train::PosteriorNumbers& posterior = there.posterior.value();
  EXPECT_EQ(posterior.name, "laplace");
  EXPECT_EQ(posterior.prediction, "network");
  EXPECT_EQ(posterior.draws, 30U);
  EXPECT_EQ(posterior.kl_nats, 1.0 / 3);
  EXPECT_FALSE(posterior.log_evidence_nats);
  EXPECT_EQ(posterior.fit_passes.flops, 5);
  EXPECT_EQ(posterior.prediction_passes.forward, 6);
  EXPECT_EQ(posterior.values.at(0).value, 0.5);
}

TEST(Record, BinsThatAreNotThoseOfThePartAreRefused) {
  Record r = some_record("sgd", 7, "0123abcd");
  r.outcome.final->predictive = some_predictions();
  const Json good = summary_json(r);
  EXPECT_NO_THROW(parse_summary(good.dump()));
  const auto refusal = [&](const char* list, const Json& value) {
    Json json = good;
    json["final"]["predictive"]["test"]["bins"][list] = value;
    try {
      parse_summary(json.dump());
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(refusal("examples", {0, 4001, 6000}),
            "bins.examples: are 10001 together, of a part of 10000");
  EXPECT_THAT(refusal("accuracy", {nullptr, 0.25, 0.8}), HasSubstr("ece: is 0.12"));
  EXPECT_THAT(refusal("accuracy", {nullptr, 0.25}), HasSubstr("as long as the others"));
  EXPECT_THAT(refusal("accuracy", {0.5, 0.25, 0.9}), HasSubstr("else null"));
  EXPECT_THAT(refusal("confidence", {nullptr, nullptr, 0.8}), HasSubstr("else null"));
  EXPECT_THAT(refusal("examples", {0, -4000, 14000}), HasSubstr("whole numbers"));
}

TEST(Record, ScoresThatCannotBeAreQuestioned) {
  const auto refused = [](auto change) -> std::string {
    const TemporaryFolder results;
    Record r = some_record("sgd", 7, "0123abcd");
    r.outcome.final->predictive = some_predictions();
    r.outcome.final->predictive->test->bins.clear();
    change(*r.outcome.final->predictive->test);
    try {
      read_record(write_record(results.path(), r));
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  EXPECT_THAT(refused([](auto& test) { test.ece = 1.5; }),
              HasSubstr("final.predictive.test.ece: is 1.5, must be 0 to 1"));
  EXPECT_THAT(refused([](auto& test) { test.nll = NAN; }),
              HasSubstr("final.predictive.test.nll: is nan, must be a finite number"));
  EXPECT_EQ(refused([](auto& test) { test.nll = -3; }), "") << "a density may be above 1";
}

TEST(Record, WithoutPredictionsSaysNothingOfThem) {
  const TemporaryFolder results;
  const auto folder = write_record(results.path(), some_record("sgd", 7, "0123abcd"));
  EXPECT_THAT(read_file(folder / "summary.json"), Not(HasSubstr("predict")));
  EXPECT_THAT(read_file(folder / "summary.json"), Not(HasSubstr("posterior")));
}

}  // namespace
}  // namespace gapbench::records
