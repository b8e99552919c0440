#include "run/progress.h"

#include <gtest/gtest.h>

#include "run/records.h"

namespace gapbench::run {
namespace {

using test::some_record;

TEST(Duration, ReadsLikeAClock) {
  EXPECT_EQ(duration_text(0), "0.0 s");
  EXPECT_EQ(duration_text(12.34), "12.3 s");
  EXPECT_EQ(duration_text(59.94), "59.9 s");
  EXPECT_EQ(duration_text(59.96), "1 min 00 s");
  EXPECT_EQ(duration_text(192), "3 min 12 s");
  EXPECT_EQ(duration_text(3599.6), "1 h 00 min");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
}

TEST(Progress, NamesATrial) {
  Record r = some_record("sgd", 1, "aaaaaaaa");
  EXPECT_EQ(trial_text(r), "cifar10 cnn3 sgd seed 1");
  r.folder = "results/demo/cifar10-train2000/cnn3/sgd/seed-1-aaaaaaaa";
  EXPECT_EQ(trial_text(r), "cifar10-train2000 cnn3 sgd seed 1");
  r.folder.clear();
  EXPECT_EQ(trial_text(r), "cifar10 cnn3 sgd seed 1");
  r.dataset = "linear_teacher";
  r.network = "";
  EXPECT_EQ(trial_text(r), "linear_teacher sgd seed 1");
}

class ForecastTest : public ::testing::Test {
 protected:
  const std::vector<Record> tasks_{
      some_record("sgd", 1, "aaaaaaaa"), some_record("sgd", 2, "aaaaaaab"),
      some_record("adam", 1, "aaaaaaac"), some_record("adam", 2, "aaaaaaad")};
  Forecast forecast_{tasks_};
};

TEST_F(ForecastTest, KnowsNothingAtFirst) {
  const std::vector<std::size_t> waiting{0, 1, 2, 3};
  EXPECT_EQ(forecast_.remaining({}, waiting, 2), -1);
}

TEST_F(ForecastTest, LikeTasksTakeAsLong) {
  forecast_.finished(0, 10);
  forecast_.finished(2, 40);
  const std::vector<std::size_t> waiting{1, 3};
  EXPECT_EQ(forecast_.remaining({}, waiting, 1), 50);
  EXPECT_EQ(forecast_.remaining({}, waiting, 2), 25);
  EXPECT_EQ(forecast_.remaining({}, waiting, 8), 25);  // two tasks cannot fill eight places
}

TEST_F(ForecastTest, WhatWasDoneBeforeTookNoTime) {
  Running running;
  running.task = 0;
  running.seconds = 10;
  running.first = 50;
  running.step = 60;
  running.steps = 100;
  EXPECT_EQ(forecast_.remaining({&running, 1}, {}, 1), 40);  // ten steps in ten seconds
}

TEST_F(ForecastTest, AnUnknownMethodTakesTheMean) {
  forecast_.finished(0, 10);
  forecast_.finished(1, 20);
  const std::vector<std::size_t> waiting{2};
  EXPECT_EQ(forecast_.remaining({}, waiting, 1), 15);
}

TEST_F(ForecastTest, ARunningTaskIsExtrapolatedFromItsSteps) {
  const std::vector<Running> running{{0, 8, 20, 100}};  // 8 s for 20 of 100: 32 s to go
  EXPECT_EQ(forecast_.remaining(running, {}, 1), 32);
  const std::vector<std::size_t> waiting{1};
  EXPECT_EQ(forecast_.remaining(running, waiting, 1), 72);  // and 40 for one like it
}

TEST_F(ForecastTest, ARunningTaskThatIsLateIsNearlyDone) {
  forecast_.finished(0, 10);
  const std::vector<Running> running{{1, 25, 0, 0}};
  EXPECT_EQ(forecast_.remaining(running, {}, 1), 0);
}

}  // namespace
}  // namespace gapbench::run
