#include "train/batches.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "gapbench/error.h"
#include "train/calendar.h"

namespace gapbench::train {
namespace {

TrialSettings batches_of(std::size_t batch, std::optional<BatchGrowth> growth = {}) {
  TrialSettings settings;
  settings.batch = batch;
  settings.batch_growth = std::move(growth);
  return settings;
}

std::vector<std::uint32_t> copy(std::span<const std::uint32_t> s) { return {s.begin(), s.end()}; }

TEST(Batches, EveryExampleOnceAnEpochAndAShortLastBatch) {
  const Calendar calendar_of_batches(batches_of(4), 10);
  Batches batches(calendar_of_batches, 10, Random(1));
  EXPECT_EQ(calendar_of_batches.epoch_of(2), 0U);
  EXPECT_EQ(calendar_of_batches.epoch_of(3), 1U);
  std::multiset<std::uint32_t> seen;
  std::vector<std::size_t> sizes;
  for (std::uint64_t k = 0; k < 3; ++k) {
    const auto batch = batches.of(k);
    sizes.push_back(batch.size());
    seen.insert(batch.begin(), batch.end());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2}));
  EXPECT_EQ(seen, (std::multiset<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(Batches, EpochsDifferAndAnyStepCanBeAskedAgain) {
  const Calendar calendar_of_batches(batches_of(10), 100);
  Batches batches(calendar_of_batches, 100, Random(1));
  const auto first = copy(batches.of(3));
  const auto next_epoch = copy(batches.of(13));
  EXPECT_NE(first, next_epoch);
  EXPECT_EQ(copy(batches.of(3)), first);
  const Calendar calendar_of_other_seed(batches_of(10), 100);
  Batches other_seed(calendar_of_other_seed, 100, Random(2));
  EXPECT_NE(copy(other_seed.of(3)), first);
}

// Of 1,000 batches of 4 out of 10 each example is in 400 on average, deviation 19; two of one batch
// are the same example as often as any two draws: 6 pairs x 1,000 / 10, deviation 23.
TEST(Batches, IndependentExamplesComeAgainWithinAnEpoch) {
  const Calendar calendar_of_batches(batches_of(4), 10);
  Batches batches(calendar_of_batches, 10, Random(1), Sampling::independent);
  EXPECT_EQ(calendar_of_batches.epoch_of(2), 0U);
  EXPECT_EQ(calendar_of_batches.epoch_of(3), 1U);
  EXPECT_EQ(batches.of(2).size(), 2U);
  std::vector<int> count(10);
  int pairs = 0;
  for (std::uint64_t k = 0; k < 1500; ++k) {
    const auto batch = batches.of(k);
    if (batch.size() < 4) continue;
    for (std::size_t i = 0; i < 4; ++i) {
      ++count[batch[i]];
      for (std::size_t j = 0; j < i; ++j) pairs += batch[i] == batch[j] ? 1 : 0;
    }
  }
  for (const int c : count) EXPECT_NEAR(c, 400, 76);
  EXPECT_NEAR(pairs, 600, 92);
  const auto kept = copy(batches.of(3));
  batches.of(100);
  EXPECT_EQ(copy(batches.of(3)), kept);
}

// 10 examples in batches of 4, 4 and 2; from epoch 1 of 8 and 2.
TEST(Batches, GrowAtTheirEpochs) {
  const Calendar calendar(batches_of(4, BatchGrowth{{1}, 2}), 10);
  Batches batches(calendar, 10, Random(1));
  std::vector<std::size_t> sizes;
  for (std::uint64_t k = 0; k < 7; ++k) sizes.push_back(batches.of(k).size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 2, 8, 2, 8, 2}));
  std::multiset<std::uint32_t> seen;
  for (std::uint64_t k = 3; k < 5; ++k) {
    const auto batch = batches.of(k);
    seen.insert(batch.begin(), batch.end());
  }
  EXPECT_EQ(seen, (std::multiset<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  // The order of an epoch does not depend on how it is cut.
  const Calendar constant(batches_of(4), 10);
  Batches same(constant, 10, Random(1));
  EXPECT_EQ(batches.of(3)[0], same.of(3)[0]);
  EXPECT_EQ(batches.of(3)[5], same.of(4)[1]);
}

TEST(Calendar, EpochsCountExamples) {
  const Calendar calendar(batches_of(4), 10);
  EXPECT_EQ(calendar.epochs_before(0), 0.0);
  EXPECT_EQ(calendar.epochs_before(1), 0.4);
  EXPECT_EQ(calendar.epochs_before(2), 0.8);
  EXPECT_EQ(calendar.epochs_before(3), 1.0);
  EXPECT_EQ(calendar.epochs_before(7), 2.4);
}

Length steps(double count) { return {count, Length::Unit::steps}; }
Length epochs(double count) { return {count, Length::Unit::epochs}; }

TEST(Calendar, LengthsInStepsAndEpochs) {
  const Calendar calendar(batches_of(1), 100);
  EXPECT_EQ(calendar.steps(steps(7)), 7U);
  EXPECT_EQ(calendar.steps(epochs(2)), 200U);
  EXPECT_EQ(calendar.steps(epochs(0.5)), 50U);
  EXPECT_TRUE(calendar.is_multiple(150, epochs(0.5)));
  EXPECT_FALSE(calendar.is_multiple(149, epochs(0.5)));
  EXPECT_TRUE(calendar.is_multiple(0, epochs(0.5)));
  EXPECT_EQ(calendar.multiples(149, epochs(0.5)), 2U);
}

// Epochs 0 and 1 have 10 steps each, 2 and 3 have 5, those behind 3 (of 40, 40 and 20).
TEST(Calendar, GrowsAtItsEpochs) {
  const Calendar calendar(batches_of(10, BatchGrowth{{2, 4}, 2}), 100);
  EXPECT_EQ(calendar.steps(epochs(2)), 20U);
  EXPECT_EQ(calendar.steps(epochs(3)), 25U);
  EXPECT_EQ(calendar.steps(epochs(4)), 30U);
  EXPECT_EQ(calendar.steps(epochs(6)), 36U);
  EXPECT_EQ(calendar.batch_of(19), 10U);
  EXPECT_EQ(calendar.batch_of(20), 20U);
  EXPECT_EQ(calendar.batch_of(30), 40U);
  EXPECT_EQ(calendar.epoch_of(24), 2U);
  EXPECT_EQ(calendar.epoch_of(25), 3U);
  EXPECT_EQ(calendar.epoch_of(33), 5U);
  EXPECT_EQ(calendar.epochs_before(31), 4.4);
  EXPECT_TRUE(calendar.ends_epoch(20));
  EXPECT_TRUE(calendar.ends_epoch(33));
  EXPECT_FALSE(calendar.ends_epoch(31));
  std::vector<std::uint64_t> due;
  for (std::uint64_t done = 0; done <= 36; ++done) {
    if (calendar.is_multiple(done, epochs(1))) due.push_back(done);
  }
  EXPECT_EQ(due, (std::vector<std::uint64_t>{0, 10, 20, 25, 30, 33, 36}));
  EXPECT_EQ(calendar.multiples(36, epochs(1)), 6U);
  EXPECT_EQ(calendar.examples_before(31), 440U);
}

TEST(Calendar, SaysWhatDoesNotFit) {
  const auto message = [](const TrialSettings& settings) {
    try {
      const Calendar calendar(settings, 100);
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(batches_of(101)),
            "batch: 101 asked; must be 1 to 100, the number of training examples");
  EXPECT_EQ(
      message(batches_of(10, BatchGrowth{{3}, 11})),
      "batch_growth: from epoch 3 batches are 11 times 10 = 110 examples; must be at most 100, "
      "the number of training examples; lower the factor, or leave that epoch out");
  TrialSettings settings = batches_of(10);
  settings.micro_batch = 20;
  EXPECT_EQ(message(settings), "micro_batch: 20 asked; must not be larger than the batch, 10");
}

}  // namespace
}  // namespace gapbench::train
