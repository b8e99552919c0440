// Steps against batch size, from records.
#include "compare/findings/batch_curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "compare/prepare.h"
#include "compare/report/report.h"
#include "compare/sections/batch_sizes.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using test::some_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class BatchCurves : public ::testing::Test {
 protected:
  /// A trial whose train loss is 1 before the first step, 0.1 after `steps` and at its end after `end`;
  /// 0 steps: it never gets there.
  void add(std::int64_t batch, double rate, std::uint64_t seed, std::uint64_t steps,
           const std::string& method = "sgd", std::uint64_t end = 10000) {
    Record r = some_record(method, seed, "aaaa" + std::to_string(number_++));
    r.settings["batch"] = batch;
    r.settings["optimizer.learning_rate"] = rate;
    std::vector<train::Evaluation> history;
    for (const std::uint64_t step : {std::uint64_t{0}, steps, end}) {
      if (!history.empty() && step == 0) continue;
      train::Evaluation e = *r.outcome.final;
      e.step = step;
      e.epoch = static_cast<double>(step);
      e.train.loss = step == 0 ? 1 : steps == 0 ? 0.5 : 0.1;
      history.push_back(e);
    }
    r.outcome.final = history.back();
    r.outcome.step = r.outcome.steps = end;
    records::RecordWriter writer(root_.path() / r.folder);
    writer.write_trial("suite: demo\n");
    for (const train::Evaluation& e : history) writer.append(e);
    writer.finish(r);
  }

  /// Three sizes, two rates, two seeds: 1000 / B + 10 steps at the better rate, twice that at the other.
  void add_all() {
    for (const std::int64_t batch : {10, 100, 1000}) {
      for (const std::uint64_t seed : {1U, 2U}) {
        const auto steps = static_cast<std::uint64_t>(1000 / batch + 10);
        add(batch, batch == 10 ? 0.1 : 0.2, seed, steps);
        add(batch, batch == 10 ? 0.2 : 0.1, seed, 2 * steps);
      }
    }
  }

  CompareOptions options(Format format = Format::markdown) const {
    CompareOptions o;
    o.format = format;
    o.to = parse_target("train_loss=0.1");
    o.to->cost = At::equal_steps;
    return o;
  }

  std::string page(Format format = Format::markdown) const {
    return compare(records::read_records({root_.path()}), options(format));
  }

  std::vector<BatchCurve> curves() {
    prepared_ = prepare(records::read_records({root_.path()}), options(), true);
    return batch_curves(prepared_.all.sections.at(0), prepared_.table.costs);
  }

  test::TemporaryFolder root_;
  Prepared prepared_;
  int number_ = 1000;
};

TEST_F(BatchCurves, TakesTheBestRateOfEachSize) {
  add_all();
  const std::vector<BatchCurve> all = curves();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].method, "sgd");
  ASSERT_EQ(all[0].sizes.size(), 3U);
  const BatchSize& ten = all[0].sizes[0];
  EXPECT_EQ(ten.batch, 10);
  EXPECT_THAT(ten.steps, ElementsAre(Pair(1, 110), Pair(2, 110)));
  EXPECT_NEAR(*ten.mean, 110, 1e-9);
  EXPECT_EQ(*ten.deviation, 1);
  EXPECT_THAT(ten.tuned, ElementsAre("optimizer.learning_rate"));
  EXPECT_THAT(ten.at_an_end, ElementsAre("optimizer.learning_rate at its smallest"));
  EXPECT_THAT(all[0].sizes[2].at_an_end, ElementsAre("optimizer.learning_rate at its largest"));
  EXPECT_NEAR(all[0].fit->critical, 100, 1e-3);
  EXPECT_NEAR(all[0].fit->least_steps, 10, 1e-4);
}

// Seed 1 is fastest at 0.1, seeds 2 and 3 at 0.2: seed 1 is told 0.2 by the others, for whom the median
// of 10 and 30 equals that of 20 and 20, so that the first rate goes.
TEST_F(BatchCurves, NoSeedChoosesForItself) {
  add_all();
  for (const std::int64_t batch : {10000}) {
    add(batch, 0.1, 1, 10);
    add(batch, 0.1, 2, 30);
    add(batch, 0.1, 3, 30);
    add(batch, 0.2, 1, 20);
    add(batch, 0.2, 2, 20);
    add(batch, 0.2, 3, 20);
  }
  const BatchSize last = curves().at(0).sizes.at(3);
  EXPECT_THAT(last.steps, ElementsAre(Pair(1, 20), Pair(2, 30), Pair(3, 30)));
  ASSERT_EQ(last.chosen.size(), 2U);
  EXPECT_TRUE(last.at_an_end.empty()) << "the seeds do not agree";
}

TEST_F(BatchCurves, ASizeThatOneSeedMissesIsInNoCurve) {
  add_all();
  add(10000, 0.1, 1, 12);
  add(10000, 0.1, 2, 0);
  const BatchCurve curve = curves().at(0);
  EXPECT_EQ(curve.sizes.at(3).missed(), 1U);
  EXPECT_FALSE(curve.sizes[3].mean);
  EXPECT_NEAR(curve.fit->critical, 100, 1e-3) << "of the other three";
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("| 10000 | 2 | 1 | – | 10.1 | – | – |"));
  EXPECT_THAT(text, HasSubstr("| 100 | 2 | 0 | 20.0 ×÷ 1.00 | 20.0 | 2.00 k |"));
}

TEST_F(BatchCurves, SaysWhatItCannotTell) {
  for (const std::int64_t batch : {10, 100, 1000}) {
    add(batch, 0.1, 1, static_cast<std::uint64_t>(5000 / batch));
  }
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("B* = ∞ [∞, ∞] examples, S = 0 [0, 0] steps"));
  EXPECT_THAT(
      text,
      HasSubstr("no plateau is in sight at these sizes, which does not say that there is none"));
  EXPECT_THAT(text, HasSubstr("| perfect scaling |"));
  EXPECT_THAT(text, Not(HasSubstr("smaller ones")));
}

TEST_F(BatchCurves, AMethodIsNamedWithoutItsSize) {
  for (const std::int64_t batch : {10, 100, 1000}) {
    const auto steps = static_cast<std::uint64_t>(1000 / batch + 10);
    add(batch, 0.1, 1, steps, "ghost-" + std::to_string(batch));
    add(batch, 0.1, 1, 2 * steps, "sgd[batch=" + std::to_string(batch) + ",learning_rate=0.1]");
    add(batch, 0.1, 1, steps, "lone-7");
  }
  const std::vector<BatchCurve> all = curves();
  std::vector<std::string> names;
  for (const BatchCurve& curve : all) names.push_back(curve.method);
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("ghost", "sgd", "lone-7"));
}

TEST_F(BatchCurves, TwoSizesAreNoCurve) {
  add(10, 0.1, 1, 100);
  add(100, 0.1, 1, 50);
  EXPECT_TRUE(curves().empty());
  EXPECT_THAT(page(), Not(HasSubstr("Batch size and steps")));
}

TEST_F(BatchCurves, StandsInJson) {
  add_all();
  add(10000, 0.1, 1, 0);
  const auto json = nlohmann::json::parse(page(Format::json))["to"]["batch_sizes"];
  ASSERT_EQ(json.size(), 1U);
  EXPECT_EQ(json[0]["method"], "sgd");
  EXPECT_EQ(json[0]["sizes"][0]["chosen"][0]["seeds"], 2);
  EXPECT_TRUE(json[0]["sizes"][3]["mean"].is_null());
  EXPECT_TRUE(json[0]["sizes"][3]["steps"][0]["steps"].is_null());
  EXPECT_NEAR(json[0]["fit"]["critical"].get<double>(), 100, 1e-3);
}

TEST_F(BatchCurves, AreOfStepsAlone) {
  add_all();
  CompareOptions samples = options();
  samples.to->cost = At::equal_samples;
  EXPECT_THAT(compare(records::read_records({root_.path()}), samples),
              Not(HasSubstr("Batch size and steps")));
}

TEST_F(BatchCurves, AreDrawnInTheReport) {
  add_all();
  const records::Records all = records::read_records({root_.path()});
  const std::string text = report(all, options());
  EXPECT_THAT(text, HasSubstr("data-chart=\"steps\""));
  EXPECT_THAT(
      text,
      HasSubstr(
          "{\"batch\":100,\"n\":2,\"steps\":20.0,\"factor\":1.0,\"low\":20.0,\"high\":20.0}"));
  EXPECT_THAT(report(all, {}), Not(HasSubstr("data-chart=\"steps\"")));
}

}  // namespace
}  // namespace gapbench::compare
