// Scores of predictions in tables: averaged ones say of how many draws, points say that they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/compare.h"
#include "compare/rows/columns.h"
#include "compare/rows/twins.h"
#include "records/records.h"
#include "train/traces.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::some_record;
using ::testing::HasSubstr;
using ::testing::Not;

/// Draws 0: of the point.
Record scored(const std::string& method, std::uint64_t seed, double nll, std::size_t draws) {
  Record record = some_record(method, seed, method.substr(0, 4) + "000" + std::to_string(seed));
  train::Predictive& predictive = record.outcome.final->predictive.emplace();
  train::PartPrediction& test = predictive.test.emplace();
  test.draws = std::max<std::size_t>(draws, 1);
  test.nll = nll;
  test.accuracy = 0.875;
  test.ece = 0.0625;
  if (draws > 0) predictive.posterior.emplace().draws = draws;
  return record;
}

TEST(Predictions, PointsAreNamedBesideAverages) {
  Records records;
  records.good = {scored("aaaa", 1, 0.5, 0), scored("aaaa", 2, 0.5, 0), scored("bbbb", 1, 0.25, 30),
                  scored("bbbb", 2, 0.25, 30)};
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| Averaged test acc % ↑ | Test NLL ↓ | ECE % ↓ | Draws |"));
  EXPECT_THAT(page, HasSubstr("| 87.50 (point) | 0.5000 (point) | 6.25 (point) | – |"));
  EXPECT_THAT(page, HasSubstr("| 87.50 | 0.2500 | 6.25 | 30 |"));
  EXPECT_THAT(page, HasSubstr("| 75.00 (not fitted) | 50.00 |"))
      << "the accuracy at the point has its own column";
}

/// Accuracies 0.8 and 0.6 at severities 1 and 2 of blur, 0.4 and 0 of contrast.
Record under_shifts(const std::string& method, std::uint64_t seed) {
  Record record = scored(method, seed, 0.5, 0);
  const std::vector<std::pair<std::string, double>> given{
      {"blur-1", 0.8}, {"blur-2", 0.6}, {"contrast-1", 0.4}, {"contrast-2", 0.0}};
  for (const auto& [name, accuracy] : given) {
    train::ShiftedPrediction& shifted =
        record.outcome.final->predictive->shifted.emplace_back(train::ShiftedPrediction{name, {}});
    shifted.scores.accuracy = accuracy + 0.01 * static_cast<double>(seed - 1);
  }
  return record;
}

TEST(Predictions, UnderShiftByKindAndSeverity) {
  Records records;
  records.good = {under_shifts("aaaa", 1), under_shifts("aaaa", 2), scored("bbbb", 1, 0.25, 0)};
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| Averaged test acc % ↑ under shift | Shift | none | 1 | 2 |\n"));
  // Seeds one point apart: 0.71 each side of the mean.
  for (const char* line : {"| 60.50 ± 0.71 | 30.50 ± 0.71 |\n| aaaa | blur | 87.50",
                           "| 80.50 ± 0.71 | 60.50 ± 0.71 |\n| aaaa | contrast | 87.50",
                           "| 40.50 ± 0.71 | 0.50 ± 0.71 |\n", "| aaaa | all kinds | 87.50",
                           "| aaaa | blur | 0.5000"}) {
    EXPECT_THAT(page, HasSubstr(line));
  }
  EXPECT_THAT(page, Not(HasSubstr("| bbbb | blur")));
  CompareOptions csv;
  csv.format = Format::csv;
  const std::string text = compare(records, csv);
  EXPECT_THAT(text, HasSubstr(",predictive.shifted.blur-1.accuracy,"));
  EXPECT_THAT(text, Not(HasSubstr("blur-1.nll")));
  records.good = {scored("aaaa", 1, 0.5, 0)};
  EXPECT_THAT(compare(records, {}), Not(HasSubstr("under shift")));
}

TEST(Predictions, WhereAllArePointsNoneIsNamed) {
  Records records;
  records.good = {scored("aaaa", 1, 0.5, 0), scored("bbbb", 1, 0.25, 0)};
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| Test NLL ↓ | ECE % ↓ |"));
  EXPECT_THAT(page, Not(HasSubstr("| Averaged test acc %")));
  EXPECT_THAT(page, Not(HasSubstr("(point) |")));
  EXPECT_THAT(page, Not(HasSubstr("| Draws |")));
}

// 64 log 2 + 16 log 2 nats are 80 bits, of 20 parameters 4 each.
TEST(Predictions, MixingOfAChainAndBitsOfADivergence) {
  Records records;
  records.good = {scored("aaaa", 1, 0.5, 30), scored("bbbb", 1, 0.25, 30)};
  train::PosteriorNumbers& chain = *records.good[0].outcome.final->predictive->posterior;
  chain.values = {{"own", "kept", 30, "draws"},
                  {"own", "ess_min", 3, "of its own"},
                  {train::mixing_name, "ess_min", 12.5, "draws"},
                  {train::mixing_name, "r_hat_max", 1.25, ""}};
  train::PosteriorNumbers& gaussian = *records.good[1].outcome.final->predictive->posterior;
  gaussian.kl_nats = 64 * std::log(2);
  gaussian.choice_nats = 16 * std::log(2);
  gaussian.log_evidence_nats = -12.5;
  records.good[1].outcome.dimension = 20;
  const std::string page = compare(records, {});
  EXPECT_THAT(page, HasSubstr("| Least ESS ↑ | R-hat ↓ | KL bits | Bits a parameter |"));
  EXPECT_THAT(page, HasSubstr("| 12.5 | 1.25 | – | – |"));
  EXPECT_THAT(page, HasSubstr("| – | – | 80 | 4.00 |"));
  EXPECT_THAT(page, HasSubstr("R-hat above 1.01 says"));
  CompareOptions options;
  options.metrics = {"bits_per_parameter"};
  EXPECT_THAT(compare(records, options), HasSubstr("| Bits a parameter |"));
  EXPECT_THAT(page, Not(HasSubstr("Log evidence")));
  EXPECT_THAT(page, Not(HasSubstr("ELBO")));
  options.metrics = {"elbo"};
  EXPECT_THAT(compare(records, options), Not(HasSubstr("ELBO")));
  records.good[1].outcome.final->predictive->train.emplace().gibbs_loss = 0.25;
  EXPECT_THAT(compare(records, options), Not(HasSubstr("ELBO")))
      << "of squared error there is none";
  records.good[1].settings["data.deviation"] = 0.5;
  // -50000 x 0.25 nats and 80 bits less.
  EXPECT_THAT(compare(records, options), HasSubstr("-12555.45"));
  options.metrics = {"log_evidence"};
  EXPECT_THAT(compare(records, options), HasSubstr("Log evidence ↑ |"));
  EXPECT_THAT(compare(records, options), HasSubstr("| -12.50 |"));
}

TEST(Predictions, NoColumnWithoutThem) {
  Records records;
  records.good = {some_record("sgd", 1, "aaaaaaa1")};
  const std::string page = compare(records, {});
  for (const char* heading :
       {"NLL", "ECE", "Brier", "Averaged", "Draws", "Entropy", "RMSE", "ESS", "R-hat", "Bits"}) {
    EXPECT_THAT(page, Not(HasSubstr(heading)));
  }
}

TEST(Predictions, DecideWhereTheyAreTheMetric) {
  Records records;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const double noise = 0.001 * static_cast<double>(seed) - 0.003;
    records.good.push_back(scored("aaaa", seed, 0.5, 0));
    records.good.push_back(scored("bbbb", seed, 0.25 + noise, 30));
  }
  CompareOptions options;
  options.baseline = "aaaa";
  records.suites = {{"demo", "", "aaaa", {"aaaa", "bbbb"}}};
  records.suites[0].metric = "test_nll";
  const std::string page = compare(records, options);
  EXPECT_THAT(page, HasSubstr("| bbbb | 5 | -0.25 ["));
}

// Scores of the point do not change what was trained.
TEST(Predictions, OfATwinAreTakenOver) {
  Record plain = some_record("aaaa", 1, "aaaaaaa1");
  Record with = scored("aaaa", 1, 0.5, 0);
  with.settings["predictive"] = true;
  Records records;
  records.good = {plain, with};
  const Folded one = folded(records);
  ASSERT_EQ(one.records.good.size(), 1U);
  EXPECT_EQ(one.records.good[0].outcome.final->predictive->test->nll, 0.5);
}

}  // namespace
}  // namespace gapbench::compare
