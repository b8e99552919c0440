#include "compare/rows/point.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/compare.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// Four evaluations, one an epoch; losses fall as 4, 2, 1, 0.5 times `scale`, an epoch costs
/// `price` samples, FLOPs and seconds.
std::vector<train::Evaluation> halving(double scale, double price) {
  std::vector<train::Evaluation> history;
  for (int epoch = 0; epoch < 4; ++epoch) {
    const double loss = scale * 4 / (1 << epoch);
    train::Evaluation e;
    e.step = static_cast<std::uint64_t>(10 * epoch);
    e.epoch = epoch;
    e.train = {loss, 0.2 * epoch, 100};
    e.test = train::PartMetrics{loss + 1, 0.1 * epoch, 50};
    e.probes = {{"p", "m", 10.0 * epoch, ""}};
    e.cost.train = {price * epoch, price * epoch};
    e.cost.train_passes = {price * epoch, price * epoch, 0, 0, price * epoch};
    history.push_back(e);
  }
  return history;
}

void write(const TemporaryFolder& root, Record record,
           const std::vector<train::Evaluation>& history) {
  record.outcome.final = history.back();
  record.outcome.step = record.outcome.steps = history.back().step;
  record.outcome.cost = history.back().cost;
  records::RecordWriter writer(root.path() / record.folder);
  writer.write_trial("suite: demo\n");
  for (const auto& e : history) writer.append(e);
  writer.finish(record);
}

/// b trains to half of a's loss at twice the price.
void write_two_trials(const TemporaryFolder& root) {
  write(root, test::some_record("a", 1, "aaaaaaa1"), halving(1, 1));
  write(root, test::some_record("b", 1, "bbbbbbb1"), halving(0.5, 2));
}

const train::Evaluation& final_of(const AtPoint& point, const std::string& method) {
  for (const Record& r : point.records.good) {
    if (r.method == method) return *r.outcome.final;
  }
  throw Error(method, "no such record");
}

TEST(Point, HalfWayIsHalfOfEverything) {
  const auto history = halving(1, 2);
  const train::Evaluation e = between(history[1], history[2], 0.5);
  EXPECT_EQ(e.step, 15U);
  EXPECT_EQ(e.epoch, 1.5);
  EXPECT_EQ(e.train.loss, 1.5);
  EXPECT_EQ(e.test->loss, 2.5);
  EXPECT_EQ(e.cost.gradient_samples(), 3);
  EXPECT_EQ(e.cost.train.wall_seconds, 3);
  ASSERT_THAT(e.probes, SizeIs(1));
  EXPECT_EQ(e.probes[0].value, 15);
}

// Every bucket by itself, so that one left out shows.
TEST(Point, BucketsSumToTheTotalAnywhere) {
  auto history = halving(1, 2);
  double wall = 1;
  for (train::Evaluation& e : history) {
    e.cost.total = {};
    for (const auto& [name, bucket] : train::cost_buckets) {
      if (bucket == &train::Cost::total) continue;
      (e.cost.*bucket) = {wall, 2 * wall};
      e.cost.total.wall_seconds += wall;
      e.cost.total.cpu_seconds += 2 * wall;
      wall *= 2;
    }
  }
  const train::Cost cost = between(history[1], history[2], 0.25).cost;
  double sum = 0;
  for (const auto& [name, bucket] : train::cost_buckets) {
    if (bucket != &train::Cost::total) sum += (cost.*bucket).wall_seconds;
  }
  EXPECT_EQ(sum, cost.total.wall_seconds);
  EXPECT_EQ(cost.total.cpu_seconds, 2 * sum);
  EXPECT_EQ(cost.checkpoint.wall_seconds, 256 + 0.25 * (8192 - 256));
}

// a ends at loss 0.5, b at 0.25: all reach 0.5. b's losses are 2, 1, 0.5, 0.25: epoch 2, cost 4.
TEST(Point, EqualTrainLoss) {
  const TemporaryFolder root;
  write_two_trials(root);
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss);
  EXPECT_EQ(final_of(point, "a").epoch, 3);
  EXPECT_EQ(final_of(point, "b").epoch, 2);
  EXPECT_EQ(final_of(point, "b").train.loss, 0.5);
  EXPECT_EQ(final_of(point, "b").cost.gradient_samples(), 4);
  ASSERT_THAT(point.notes, SizeIs(1));
  EXPECT_EQ(point.notes.begin()->second,
            "All rows here at train loss 0.5, the smallest that every finished trial reached.");
}

TEST(Point, LevelsAreThoseOfTheMethodsAskedFor) {
  const TemporaryFolder root;
  write_two_trials(root);
  CompareOptions options;
  options.at = At::equal_train_loss;
  options.selection.without = {"a"};
  EXPECT_THAT(compare(records::read_records({root.path()}), options),
              HasSubstr("All rows here at train loss 0.25, "));
}

// There nobody has fitted further than the others: no mark, and the gaps compare.
TEST(Point, NoRowIsMarkedAsNotFittedAtEqualTrainLoss) {
  const TemporaryFolder root;
  write_two_trials(root);
  const records::Records records = records::read_records({root.path()});
  CompareOptions options;
  options.at = At::equal_samples;
  EXPECT_THAT(compare(records, options), HasSubstr("(not fitted)"));
  options.at = At::equal_train_loss;
  EXPECT_THAT(compare(records, options), Not(HasSubstr("(not fitted)")));
  options.format = Format::json;
  EXPECT_EQ(
      nlohmann::json::parse(compare(records, options))["sections"][0]["rows"][0]["not_fitted"],
      nullptr);
}

// a spends 3 in all, b 2 an epoch: at 3 it is half way from epoch 1 (loss 1) to epoch 2 (loss 0.5).
TEST(Point, EqualCost) {
  const TemporaryFolder root;
  write_two_trials(root);
  for (const At at : {At::equal_samples, At::equal_flops, At::equal_seconds}) {
    const AtPoint point = at_point(records::read_records({root.path()}), at);
    EXPECT_EQ(final_of(point, "a").epoch, 3);
    EXPECT_EQ(final_of(point, "b").epoch, 1.5);
    EXPECT_EQ(final_of(point, "b").train.loss, 0.75);
    EXPECT_EQ(final_of(point, "b").test->loss, 1.75);
  }
}

// a makes 30 steps, c 20 of them, at which a is at epoch 2.
TEST(Point, EqualSteps) {
  const TemporaryFolder root;
  write_two_trials(root);
  auto shorter = halving(1, 7);
  shorter.pop_back();
  write(root, test::some_record("c", 1, "ccccccc1"), shorter);
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_steps);
  EXPECT_EQ(final_of(point, "a").epoch, 2);
  EXPECT_EQ(final_of(point, "b").epoch, 2);
  EXPECT_EQ(final_of(point, "c").epoch, 2);
  EXPECT_THAT(point.notes.begin()->second, HasSubstr("after 20 steps"));
}

TEST(Point, BestValidationIsTheEarliestBest) {
  const TemporaryFolder root;
  auto history = halving(1, 1);
  const double accuracies[] = {0.1, 0.7, 0.7, 0.6};
  for (std::size_t i = 0; i < 4; ++i)
    history[i].validation = train::PartMetrics{1, accuracies[i], 10};
  write(root, test::some_record("a", 1, "aaaaaaa1"), history);
  write(root, test::some_record("b", 1, "bbbbbbb1"), halving(1, 1));
  const AtPoint point = at_point(records::read_records({root.path()}), At::best_validation);
  EXPECT_EQ(final_of(point, "a").epoch, 1);
  ASSERT_THAT(point.records.good, SizeIs(1));
  ASSERT_THAT(point.records.broken, SizeIs(1));
  EXPECT_THAT(point.records.broken[0].reason, HasSubstr("no validation part"));
}

TEST(Point, NoneAtAllIsAnError) {
  const TemporaryFolder root;
  write_two_trials(root);
  try {
    at_point(records::read_records({root.path()}), At::best_validation);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("no finished trial has one"));
    EXPECT_THAT(e.what(), HasSubstr("no validation part"));
  }
}

TEST(Point, ABrokenHistoryIsLeftOutWithItsReason) {
  const TemporaryFolder root;
  write_two_trials(root);
  root.write("demo/cifar10/cnn3/a/seed-1-aaaaaaa1/history.jsonl", "{\n");
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_samples);
  ASSERT_THAT(point.records.good, SizeIs(1));
  EXPECT_EQ(point.records.good[0].method, "b");
  ASSERT_THAT(point.records.broken, SizeIs(1));
  EXPECT_THAT(point.records.broken[0].reason, HasSubstr("line 1 of history.jsonl"));
  EXPECT_EQ(final_of(point, "b").epoch, 3);  // the level is b's own now
}

TEST(Point, FailedTrialsDecideNoLevelAndStay) {
  const TemporaryFolder root;
  write_two_trials(root);
  test::write_record(root.path(), test::failed_record("c", 1, "ccccccc1", train::Status::diverged,
                                                      3, "not finite"));
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_samples);
  EXPECT_THAT(point.records.good, SizeIs(3));
  EXPECT_THAT(point.records.broken, SizeIs(0));
  EXPECT_EQ(final_of(point, "a").epoch, 3);
}

}  // namespace
}  // namespace gapbench::compare
