#include "train/schedule.h"

#include <gtest/gtest.h>

#include "gapbench/error.h"

namespace gapbench::train {
namespace {

using Kind = ScheduleSettings::Kind;

Length steps(double count) { return {count, Length::Unit::steps}; }
Length epochs(double count) { return {count, Length::Unit::epochs}; }

Calendar of(std::size_t steps_per_epoch) {
  TrialSettings one_by_one;
  one_by_one.batch = 1;
  return {one_by_one, steps_per_epoch};
}

TEST(Schedule, ConstantIsOneAfterALinearWarmUp) {
  ScheduleSettings s;
  s.warmup = steps(4);
  const Schedule schedule(s, 10, of(5));
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
  const Schedule schedule(s, 100, of(10));
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
  const Schedule schedule(s, 30, of(10));
  EXPECT_EQ(schedule.factor(9), 1.0);
  EXPECT_EQ(schedule.factor(10), 1.0);          // cos 0
  EXPECT_DOUBLE_EQ(schedule.factor(20), 0.75);  // half way: 0.5 + 0.5 * 0.5
  EXPECT_LT(schedule.factor(29), schedule.factor(28));
  EXPECT_GT(schedule.factor(29), 0.5);
}

TEST(Schedule, PolynomialFallsFromOneToFinal) {
  ScheduleSettings s;
  s.kind = Kind::polynomial;
  s.warmup = steps(2);
  s.final = 0.5;
  s.power = 2;
  const Schedule schedule(s, 10, of(5));
  EXPECT_EQ(schedule.factor(0), 0.5);
  EXPECT_EQ(schedule.factor(2), 1.0);
  EXPECT_EQ(schedule.factor(4), 0.78125);  // 0.5 + 0.5 (3/4)^2
  EXPECT_EQ(schedule.factor(6), 0.625);    // 0.5 + 0.5 (1/2)^2
  s.power = 1;
  s.final = 0;
  EXPECT_EQ(Schedule(s, 10, of(5)).factor(8), 0.25) << "a straight line";
}

TEST(Schedule, TrapezoidRisesStaysAndFalls) {
  ScheduleSettings s;
  s.kind = Kind::trapezoid;
  s.warmup = steps(2);
  s.cooldown = 0.4;
  const Schedule schedule(s, 10, of(5));
  const double expected[] = {0.5, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25};
  for (std::uint64_t k = 0; k < 10; ++k) EXPECT_EQ(schedule.factor(k), expected[k]) << k;
  s.final = 0.5;
  EXPECT_EQ(Schedule(s, 10, of(5)).factor(8), 0.75);
  s.cooldown = 1;
  s.warmup = steps(0);
  EXPECT_EQ(Schedule(s, 10, of(5)).factor(0), 1.0);
}

TEST(Schedule, RefusesACoolDownThatBeginsInTheWarmUp) {
  ScheduleSettings s;
  s.kind = Kind::trapezoid;
  s.warmup = steps(3);
  s.cooldown = 0.75;
  EXPECT_NO_THROW(Schedule(s, 12, of(5)));
  try {
    const Schedule schedule(s, 10, of(5));
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(
        e.what(),
        "schedule.cooldown: 8 steps of cool-down after 3 of warm-up in a budget of 10; must "
        "not be longer together than the budget");
  }
}

TEST(Schedule, RefusesAWarmUpLongerThanTheBudget) {
  ScheduleSettings s;
  s.warmup = steps(11);
  try {
    const Schedule schedule(s, 10, of(5));
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(),
                 "schedule.warmup: 11 steps of warm-up in a budget of 10 steps; must not be longer "
                 "than the budget");
  }
}

}  // namespace
}  // namespace gapbench::train
