#include "train/schedule.h"

#include <gtest/gtest.h>

#include "gapbench/error.h"

namespace gapbench::train {
namespace {

using Kind = ScheduleSettings::Kind;

Length steps(double count) { return {count, Length::Unit::steps}; }
Length epochs(double count) { return {count, Length::Unit::epochs}; }

TEST(Schedule, LengthsInStepsAndEpochs) {
  EXPECT_EQ(to_steps(steps(7), 100), 7U);
  EXPECT_EQ(to_steps(epochs(2), 100), 200U);
  EXPECT_EQ(to_steps(epochs(0.5), 100), 50U);
}

TEST(Schedule, ConstantIsOneAfterALinearWarmUp) {
  ScheduleSettings s;
  s.warmup = steps(4);
  const Schedule schedule(s, 10, 5);
  EXPECT_EQ(schedule.factor(0), 0.25);
  EXPECT_EQ(schedule.factor(1), 0.5);
  EXPECT_EQ(schedule.factor(3), 1.0);
  EXPECT_EQ(schedule.factor(9), 1.0);
}

TEST(Schedule, StepsDownAtFractionsOfTheBudget) {
  ScheduleSettings s;
  s.kind = Kind::step;
  s.milestones = {0.5, 0.75};
  s.factor = 0.5;
  const Schedule schedule(s, 100, 10);
  EXPECT_EQ(schedule.factor(0), 1.0);
  EXPECT_EQ(schedule.factor(49), 1.0);
  EXPECT_EQ(schedule.factor(50), 0.5);
  EXPECT_EQ(schedule.factor(74), 0.5);
  EXPECT_EQ(schedule.factor(75), 0.25);
}

TEST(Schedule, CosineFallsFromOneToFinal) {
  ScheduleSettings s;
  s.kind = Kind::cosine;
  s.warmup = epochs(1);
  s.final = 0.5;
  const Schedule schedule(s, 30, 10);
  EXPECT_EQ(schedule.factor(9), 1.0);
  EXPECT_EQ(schedule.factor(10), 1.0);          // cos 0
  EXPECT_DOUBLE_EQ(schedule.factor(20), 0.75);  // half way: 0.5 + 0.5 * 0.5
  EXPECT_LT(schedule.factor(29), schedule.factor(28));
  EXPECT_GT(schedule.factor(29), 0.5);
}

TEST(Schedule, RefusesAWarmUpLongerThanTheBudget) {
  ScheduleSettings s;
  s.warmup = steps(11);
  try {
    const Schedule schedule(s, 10, 5);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "schedule.warmup: 11 steps of warm-up in a budget of 10 steps; must not be longer "
                 "than the budget");
  }
}

}  // namespace
}  // namespace gapbench::train
