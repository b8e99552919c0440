#include "train/evaluation_times.h"

#include <gtest/gtest.h>

#include "core/state.h"
#include "gapbench/error.h"

namespace gapbench::train {
namespace {

TrialSettings at_losses(std::vector<double> losses, std::optional<double> until = {}) {
  TrialSettings settings;
  settings.evaluate_losses = std::move(losses);
  settings.until_loss = until;
  return settings;
}

const Calendar& of(std::size_t steps_per_epoch) {
  const auto one_by_one = [](std::size_t examples) {
    TrialSettings settings;
    settings.batch = 1;
    return Calendar(settings, examples);
  };
  static const Calendar calendars[] = {one_by_one(1), one_by_one(2), one_by_one(3), one_by_one(4)};
  return calendars[steps_per_epoch - 1];
}

// Two steps an epoch: means 2, 1.5, 1.75, 0.25.
TEST(EvaluationTimes, OnceForEveryLevelAtTheEndOfAnEpoch) {
  EvaluationTimes times(at_losses({1.5, 1, 0.5}), of(2));
  std::vector<std::uint64_t> due;
  const double losses[] = {3, 1, 0, 3, 0.5, 3, 0.5, 0};
  for (std::uint64_t k = 0; k < 8; ++k) {
    times.took(k + 1, losses[k]);
    if (times.is_due()) due.push_back(k + 1);
  }
  EXPECT_EQ(due, (std::vector<std::uint64_t>{4, 8}));
  EXPECT_EQ(times.most(), 3U);
}

TEST(EvaluationTimes, StepsWithoutALossDoNotCount) {
  EvaluationTimes times(at_losses({1}), of(2));
  times.took(1, 1.0);
  times.took(2, std::nullopt);
  EXPECT_TRUE(times.is_due());
  times.took(3, std::nullopt);
  times.took(4, std::nullopt);
  EXPECT_FALSE(times.is_due());
}

TEST(EvaluationTimes, WhereATrialMayEndEveryEpochAsksAgain) {
  EvaluationTimes times(at_losses({}, 1.0), of(1));
  EXPECT_TRUE(times.ends_at(1.0));
  EXPECT_FALSE(times.ends_at(1.0000001));
  times.took(1, 1.25);
  EXPECT_FALSE(times.is_due());
  for (std::uint64_t k = 2; k < 4; ++k) {
    times.took(k, 1.0);
    EXPECT_TRUE(times.is_due());
  }
  EXPECT_FALSE(EvaluationTimes(at_losses({1}), of(1)).ends_at(0));
}

TEST(EvaluationTimes, GoesOnFromWhatIsKept) {
  EvaluationTimes first(at_losses({4, 2}), of(2));
  first.took(1, 3.0);
  first.took(2, 4.0);  // 3.5: the first level
  first.took(3, 1.0);
  StateWriter writer("times");
  first.archive(writer);
  EvaluationTimes second(at_losses({4, 2}), of(2));
  StateReader reader("times", writer.blob());
  second.archive(reader);
  reader.finish();
  second.took(4, 3.0);  // 2
  EXPECT_TRUE(second.is_due());
  second.took(5, 1.0);
  second.took(6, 1.0);
  EXPECT_FALSE(second.is_due()) << "both levels are passed";
}

}  // namespace
}  // namespace gapbench::train
