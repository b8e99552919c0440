// Records of a grid, and what is said of their measures.
#include "compare/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "error_of.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using records::Records;
using test::error_of;
using test::some_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// Of batch and width at these levels: the gap is batch + width / 10 points, `good` is the gap, `batch`
/// knows the batch alone, `bad` is the other way round.
Record network(const std::string& dataset, std::int64_t batch, std::int64_t width,
               std::uint64_t seed) {
  Record r = some_record("sgd", seed, "n" + std::to_string(batch) + std::to_string(width) + dataset,
                         1, 0.5);
  r.identity += dataset + std::to_string(seed) + std::to_string(batch) + std::to_string(width);
  r.dataset = dataset;
  r.settings["batch"] = batch;
  r.settings["network.width"] = width;
  r.settings["micro_batch"] = 10 * batch;  // always changes with the batch
  r.settings["evaluate_every.epochs"] = static_cast<double>(batch);
  const double gap = static_cast<double>(batch) + static_cast<double>(width) / 10;
  r.outcome.final->train.accuracy = 0.5 + gap / 100;
  r.outcome.final->test->accuracy = 0.5;
  r.outcome.final->test->examples = 100000000;
  r.outcome.final->probes = {{"some", "good", gap, ""},
                             {"some", "batch", static_cast<double>(batch), ""},
                             {"some", "bad", -gap, ""},
                             {"some", "drawn_0", gap, ""}};  // for a picture, no measure
  return r;
}

Records grid(const std::vector<std::string>& datasets) {
  Records records;
  for (const std::string& dataset : datasets) {
    for (const std::uint64_t seed : {1, 2}) {
      for (const std::int64_t batch : {1, 2, 3}) {
        for (const std::int64_t width : {1, 2}) {
          records.good.push_back(network(dataset, batch, width, seed));
        }
      }
    }
  }
  return records;
}

const MeasureRow& row(const Measured& all, const std::string& name) {
  return *std::ranges::find(all.rows, name, &MeasureRow::measure);
}

TEST(Measures, AreNotWhatIsKeptForPictures) {
  const auto all = measured(grid({"cifar10"}), Gap::error, {});
  EXPECT_NE(std::ranges::find(all[0].rows, "some.bad", &MeasureRow::measure), all[0].rows.end());
  EXPECT_EQ(std::ranges::find(all[0].rows, "some.drawn_0", &MeasureRow::measure),
            all[0].rows.end());
}

TEST(Measures, RankTheGapAlongEachAxis) {
  const auto all = measured(grid({"cifar10"}), Gap::error, {"some.good", "some.batch", "some.bad"});
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_THAT(all[0].axes, ElementsAre("batch", "network.width"));
  EXPECT_EQ(all[0].networks, 12U);
  EXPECT_EQ(row(all[0], "some.good").tau.at(1), 1);
  EXPECT_EQ(row(all[0], "some.good").granulated.at(2), 1);
  EXPECT_EQ(row(all[0], "some.bad").granulated.at(2), -1);
  EXPECT_EQ(row(all[0], "some.good").errors.at(1).largest, 0);
  EXPECT_EQ(row(all[0], "some.bad").errors.at(1).mean, 1);
  const MeasureRow& half = row(all[0], "some.batch");
  EXPECT_EQ(half.by_axis[0].at(1), 1);
  EXPECT_EQ(half.by_axis[1].at(1), 0) << "all ties";
  EXPECT_EQ(half.granulated.at(1), 0.5);
  EXPECT_EQ(half.errors.at(1).largest, 0.5);
}

TEST(Measures, OverSeedsIsTheTInterval) {
  const auto all = over_seeds({{1, 1.0}, {2, 3.0}});
  EXPECT_EQ(all->mean, 2);
  EXPECT_NEAR(all->interval->high, 2 + 12.7062, 1e-3);
  EXPECT_FALSE(over_seeds({{1, 1.0}})->interval);
  EXPECT_FALSE(over_seeds({}));
}

TEST(Measures, LeaveOutWhatFailedAndSayIt) {
  Records records = grid({"cifar10"});
  records.good[0].outcome.status = train::Status::diverged;
  records.good[1].outcome.final->probes.clear();
  const auto all = measured(records, Gap::error, {});
  EXPECT_EQ(all[0].networks, 11U);
  EXPECT_EQ(all[0].failed, 1U);
  EXPECT_EQ(row(all[0], "some.good").lacking, 1U);
  const std::string text = measures_text(all, Gap::error);
  EXPECT_THAT(text, HasSubstr("11 networks (by seed 1: 5, 2: 6)"));
  EXPECT_THAT(text, HasSubstr("1 trials failed"));
  EXPECT_THAT(text, HasSubstr("some.good (1 without)"));
  EXPECT_THAT(text, HasSubstr("| parameters |"));
}

TEST(Measures, SayWhetherARankingCarriesOver) {
  Records records = grid({"cifar10", "cifar100"});
  for (Record& r : records.good) {  // the ranking of `bad` turns round on the second set
    if (r.dataset == "cifar100") r.outcome.final->probes[2].value *= -1;
  }
  const std::string text = measures_text(measured(records, Gap::error, {}), Gap::error);
  EXPECT_THAT(text, HasSubstr("## Does it carry over from cifar10 to cifar100?"));
  EXPECT_THAT(text, HasSubstr("| some.bad | -1.00 [-1.00, -1.00] | +1.00 [+1.00, +1.00] | "
                              "+2.00 [+2.00, +2.00] |"));
  const records::Json json = measures_json(measured(records, Gap::loss, {"some.bad"}), Gap::loss);
  EXPECT_EQ(json.at("gap"), "loss");
  EXPECT_THAT(json.at("datasets"), SizeIs(2));
  EXPECT_EQ(json.at("datasets").at(0).at("measures").at(0).at("measure"), "some.bad");
}

TEST(Measures, OfUnknownNamesAndTooFewNetworks) {
  EXPECT_THAT(error_of([] { measured(grid({"cifar10"}), Gap::error, {"some.goood"}); }),
              HasSubstr("no trial has a measure \"some.goood\"; did you mean \"some.good\"?"));
  Records two;
  two.good = {network("cifar10", 1, 1, 1), network("cifar10", 2, 1, 1)};
  EXPECT_THAT(error_of([&two] { measured(two, Gap::error, {}); }),
              HasSubstr("no data set has three finished trials"));
}

}  // namespace
}  // namespace gapbench::compare
