#include "train/batches.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace gapbench::train {
namespace {

std::vector<std::uint32_t> copy(std::span<const std::uint32_t> s) { return {s.begin(), s.end()}; }

TEST(Batches, EveryExampleOnceAnEpochAndAShortLastBatch) {
  Batches batches(10, 4, Random(1));
  EXPECT_EQ(batches.steps_per_epoch(), 3U);
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
  Batches batches(100, 10, Random(1));
  const auto first = copy(batches.of(3));
  const auto next_epoch = copy(batches.of(13));
  EXPECT_NE(first, next_epoch);
  EXPECT_EQ(copy(batches.of(3)), first);
  Batches other_seed(100, 10, Random(2));
  EXPECT_NE(copy(other_seed.of(3)), first);
}

// Of 1,000 batches of 4 out of 10 each example is in 400 on average, deviation 19; two of one batch
// are the same example as often as any two draws: 6 pairs x 1,000 / 10, deviation 23.
TEST(Batches, IndependentExamplesComeAgainWithinAnEpoch) {
  Batches batches(10, 4, Random(1), Sampling::independent);
  EXPECT_EQ(batches.steps_per_epoch(), 3U);
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

TEST(Batches, EpochsCountExamples) {
  const Batches batches(10, 4, Random(1));
  EXPECT_EQ(batches.epochs_before(0), 0.0);
  EXPECT_EQ(batches.epochs_before(1), 0.4);
  EXPECT_EQ(batches.epochs_before(2), 0.8);
  EXPECT_EQ(batches.epochs_before(3), 1.0);
  EXPECT_EQ(batches.epochs_before(7), 2.4);
}

}  // namespace
}  // namespace gapbench::train
