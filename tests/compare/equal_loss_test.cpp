// Equal train loss: what is known between two evaluations, and what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "compare/compare.h"
#include "compare/findings/findings.h"
#include "compare/rows/point.h"
#include "compare/statistics/sample.h"
#include "core/temporary_folder.h"
#include "error_of.h"
#include "paths.h"
#include "records/records.h"

namespace gapbench::compare {
namespace {

using records::Record;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// An evaluation an epoch: train losses as given, test accuracies beside them.
void write(const TemporaryFolder& root, const std::string& method, std::uint64_t seed,
           const std::vector<double>& losses, const std::vector<double>& accuracies) {
  Record record =
      test::some_record(method, seed, std::string(7, method.front()) + std::to_string(seed));
  std::vector<train::Evaluation> history;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    train::Evaluation e;
    e.step = 10 * i;
    e.epoch = static_cast<double>(i);
    e.train = {losses[i], 0.5, 100};
    e.test = train::PartMetrics{1, accuracies[i], 50};
    history.push_back(e);
  }
  record.outcome.final = history.back();
  record.outcome.step = record.outcome.steps = history.back().step;
  records::RecordWriter writer(root.path() / record.folder);
  writer.write_trial("suite: demo\n");
  for (const auto& e : history) writer.append(e);
  writer.finish(record);
}

// From 1 to 1/4: half of the way to log 1/4 is at 1/2, where a straight line would be at 2/3.
TEST(EqualLoss, IsHalfWayInTheLogarithm) {
  const TemporaryFolder root;
  write(root, "a", 1, {4, 1, 0.25}, {0, 0.5, 0.25});
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss, 0.5);
  const train::Evaluation& e = *point.records.good.front().outcome.final;
  EXPECT_NEAR(e.epoch, 1.5, 1e-12);
  EXPECT_NEAR(*e.test->accuracy, 0.375, 1e-12);
  const Bracket& bracket = point.brackets.begin()->second;
  EXPECT_EQ(bracket.before.epoch, 1);
  EXPECT_EQ(bracket.after.epoch, 2);
  EXPECT_EQ(bracket.ratio(), 4);
}

TEST(EqualLoss, OnAnEvaluationThereIsNothingBetween) {
  const TemporaryFolder root;
  write(root, "a", 1, {4, 1, 0.25}, {0, 0.5, 0.25});
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss, 1);
  EXPECT_EQ(point.brackets.begin()->second.ratio(), 1);
  EXPECT_EQ(point.records.good.front().outcome.final->epoch, 1);
}

TEST(EqualLoss, ALossOfZeroIsInfinitelyFar) {
  const TemporaryFolder root;
  write(root, "a", 1, {1, 0}, {0, 0.5});
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss, 0.5);
  EXPECT_GT(point.brackets.begin()->second.ratio(), 1e300);
  EXPECT_EQ(point.records.good.front().outcome.final->epoch, 1);
}

// a passes 0.5 within a factor of 2, b within one of 4.
TEST(EqualLoss, ARowWithTooWideABracketIsNotShown) {
  const TemporaryFolder root;
  write(root, "a", 1, {2, 0.75, 0.375}, {0, 0.5, 0.25});
  write(root, "b", 1, {2, 1, 0.25}, {0, 0.5, 0.25});
  CompareOptions options;
  options.at = At::equal_train_loss;
  options.level = 0.5;
  const std::string page = compare(records::read_records({root.path()}), options);
  EXPECT_THAT(page, HasSubstr("All rows here at train loss 0.5, as asked."));
  EXPECT_THAT(page, HasSubstr("more than a factor of 2 of it apart: b (1/1 trials, up to 4)."));
  EXPECT_THAT(page, HasSubstr("| b | 1 | – | – |"));
  EXPECT_THAT(page, testing::Not(HasSubstr("| a | 1 | – |")));
}

// Differences by seed: a stands at 50, 52 before and 60, 62 after; b, on its evaluations, at 40, 44.
// Before: 10, 8; after: 20, 18. Each has mean m, deviation sqrt 2, half width 12.7062 x 1.
TEST(EqualLoss, IntervalsHoldForEitherEnd) {
  const TemporaryFolder root;
  write(root, "a", 1, {2, 0.75, 0.375}, {0, 0.50, 0.60});
  write(root, "a", 2, {2, 0.75, 0.375}, {0, 0.52, 0.62});
  write(root, "b", 1, {2, 0.5}, {0, 0.40});
  write(root, "b", 2, {2, 0.5}, {0, 0.44});
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss, 0.5);
  const Aggregate all = aggregate(point.records, "b", {}, At::equal_train_loss, point.brackets);
  const Section& section = all.sections.front();
  Dunnett dunnett;
  const Finding found =
      compare_rows(section, "b", metrics_of(section, {"test_accuracy"}), dunnett).found[0][1];
  EXPECT_NEAR(found.interval->low, 9 - 12.7062, 1e-4);
  EXPECT_NEAR(found.interval->high, 19 + 12.7062, 1e-4);
  EXPECT_NEAR(found.among->interval.low, 9 - 12.7062, 1e-4);  // one method: its own t
  EXPECT_NEAR(found.among->interval.high, 19 + 12.7062, 1e-4);
  EXPECT_THAT(found.differences, SizeIs(2));
}

TEST(EqualLoss, WhoNeverGetsThereIsNamed) {
  const TemporaryFolder root;
  write(root, "a", 1, {2, 0.5}, {0, 0.5});
  write(root, "b", 1, {2, 1}, {0, 0.5});
  const AtPoint point = at_point(records::read_records({root.path()}), At::equal_train_loss, 0.5);
  ASSERT_THAT(point.records.broken, SizeIs(1));
  EXPECT_EQ(point.records.broken[0].reason, "never reached train loss 0.5; its smallest is 1");
}

TEST(EqualLoss, LevelsThatCannotBeAreRefused) {
  const records::Records none;
  EXPECT_EQ(test::error_of([&] { at_point(none, At::final, 0.5); }),
            "level: is a train loss: give it with --at equal-train-loss");
  EXPECT_EQ(test::error_of([&] { at_point(none, At::equal_train_loss, -1); }),
            "level: -1 asked; must be a train loss above 0");
}

struct Lead {
  double mean = 0;  ///< at the level itself
  Interval ends{};  ///< of the t intervals at all ends
};

/// small - large on CIFAR-10 with batch normalization over the seeds that two suites share.
Lead lead_of_small(const std::string& suite, double level) {
  records::Records all =
      records::read_records({test::source_folder() + "/results/" + suite + "/cifar10"});
  std::erase_if(all.good, [](const Record& r) {
    return r.seed > 3 || r.settings.at("network.norm") != OptionValue(std::string("batch"));
  });
  const AtPoint point = at_point(std::move(all), At::equal_train_loss, level);
  std::map<std::string, std::map<std::uint64_t, const Record*>> of;
  for (const Record& r : point.records.good) of[r.method][r.seed] = &r;
  EXPECT_THAT(of["small"], SizeIs(3));
  const auto differences = [&](const auto& ours, const auto& theirs) {
    std::vector<double> values;
    for (const auto& [seed, record] : of["small"]) {
      values.push_back(
          100 * (*ours(*record).test->accuracy - *theirs(*of["large"].at(seed)).test->accuracy));
    }
    return values;
  };
  const auto interpolated = [](const Record& r) { return *r.outcome.final; };
  const auto before = [&](const Record& r) { return point.brackets.at(r.folder).before; };
  const auto after = [&](const Record& r) { return point.brackets.at(r.folder).after; };
  Lead lead{summary(differences(interpolated, interpolated)).mean,
            *t_interval(differences(before, before))};
  lead.ends = hull(lead.ends, *t_interval(differences(before, after)));
  lead.ends = hull(lead.ends, *t_interval(differences(after, before)));
  lead.ends = hull(lead.ends, *t_interval(differences(after, after)));
  return lead;
}

// The same six trials, evaluated every ten epochs in one suite and every two in the other: a
// straight line in train loss says +1.64 and +0.58 of them, each with a small error of its own.
TEST(EqualLoss, TheSameTrialsAgreeWhateverWasEvaluated) {
  const Lead coarse = lead_of_small("disentangling-cpu", 0.0622);
  const Lead fine = lead_of_small("disentangling-validation", 0.0622);
  EXPECT_TRUE(coarse.ends.covers(fine.mean)) << fine.mean;
  EXPECT_TRUE(fine.ends.covers(coarse.mean)) << coarse.mean;
  EXPECT_NEAR(coarse.mean, -0.40, 0.005);
  EXPECT_NEAR(fine.mean, 0.19, 0.005);
}

}  // namespace
}  // namespace gapbench::compare
