#include "run/progress.h"
#include "records/text.h"

#include <gtest/gtest.h>

#include "records/records.h"

namespace gapbench::run {
namespace {

using test::some_record;

TEST(Duration, ReadsLikeAClock) {
  EXPECT_EQ(records::duration_text(0), "0.0 s");
  EXPECT_EQ(records::duration_text(12.34), "12.3 s");
  EXPECT_EQ(records::duration_text(59.94), "59.9 s");
  EXPECT_EQ(records::duration_text(59.96), "1 min 00 s");
  EXPECT_EQ(records::duration_text(192), "3 min 12 s");
  EXPECT_EQ(records::duration_text(3599.6), "1 h 00 min");
  EXPECT_EQ(records::duration_text(7500), "2 h 05 min");
}

TEST(Progress, NamesATrial) {
  records::Record r = some_record("sgd", 1, "aaaaaaaa");
  EXPECT_EQ(records::trial_text(r), "cifar10 cnn3 sgd seed 1");
  r.folder = "results/demo/cifar10-train2000/cnn3/sgd/seed-1-aaaaaaaa";
  EXPECT_EQ(records::trial_text(r), "cifar10-train2000 cnn3 sgd seed 1");
  r.folder.clear();
  EXPECT_EQ(records::trial_text(r), "cifar10 cnn3 sgd seed 1");
  r.dataset = "linear_teacher";
  r.network = "";
  EXPECT_EQ(records::trial_text(r), "linear_teacher sgd seed 1");
}

records::Record of_optimizer(const std::string& name, std::uint64_t seed, const std::string& head) {
  records::Record r = some_record(name, seed, head);
  r.settings["optimizer"] = name;
  return r;
}

class ForecastTest : public ::testing::Test {
 protected:
  const std::vector<records::Record> tasks_{
      of_optimizer("sgd", 1, "aaaaaaaa"), of_optimizer("sgd", 2, "aaaaaaab"),
      of_optimizer("adam", 1, "aaaaaaac"), of_optimizer("adam", 2, "aaaaaaad")};
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

// An earlier sgd took 3.5 s, at another rate and under another name; one that crashed says nothing.
TEST_F(ForecastTest, WhatEndedEarlierIsBetterThanOtherMethods) {
  std::vector<records::Record> earlier{
      of_optimizer("sgd", 7, "bbbbbbbb"),
      test::failed_record("adam", 7, "bbbbbbbc", train::Status::crashed, 3, "killed")};
  earlier[0].method = "sgd@learning_rate=0.5";
  earlier[0].settings["optimizer.learning_rate"] = 0.5;
  earlier[0].settings["tuning"] = std::string("sgd");
  earlier[1].settings["optimizer"] = std::string("adam");
  Forecast forecast(tasks_, earlier);
  const std::vector<std::size_t> sgd{0};
  const std::vector<std::size_t> both{0, 2};
  EXPECT_EQ(forecast.remaining({}, both, 1), 7);  // an adam like the only one that is known
  forecast.finished(3, 40);
  EXPECT_EQ(forecast.remaining({}, both, 1), 43.5);
  forecast.finished(1, 10);  // what this run sees counts first
  EXPECT_EQ(forecast.remaining({}, sgd, 1), 10);
}

TEST_F(ForecastTest, ALongerBudgetIsNotAlike) {
  std::vector<records::Record> earlier{of_optimizer("sgd", 7, "bbbbbbbb")};
  earlier[0].settings["budget.epochs"] = 1.0;
  Forecast forecast(tasks_, earlier);
  forecast.finished(2, 40);
  const std::vector<std::size_t> sgd{0};
  EXPECT_EQ(forecast.remaining({}, sgd, 1), 40);
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

// 5 of 100 steps took 30 s, 600 s for all by that; others took 40 s. Half of each: 95 % of 320 s.
TEST_F(ForecastTest, FirstStepsDoNotDecideWhereOthersAreKnown) {
  forecast_.finished(1, 40);
  const std::vector<Running> running{{0, 30, 5, 100}};
  EXPECT_EQ(forecast_.remaining(running, {}, 1), 304);
}

TEST_F(ForecastTest, ARunningTaskThatIsLateIsNearlyDone) {
  forecast_.finished(0, 10);
  const std::vector<Running> running{{1, 25, 0, 0}};
  EXPECT_EQ(forecast_.remaining(running, {}, 1), 0);
}

class BarTest : public ForecastTest {
 protected:
  Progress progress_{tasks_, {}, 1, true};
};

TEST_F(BarTest, FitsTheTerminal) {
  progress_.finished(0, of_optimizer("sgd", 1, "aaaaaaaa"), 0);
  EXPECT_EQ(progress_.bar(80), "[#######-----------------------] 1/4  0 running");
  EXPECT_EQ(progress_.bar(24), "[#-----] 1/4  0 running");
  for (std::size_t width = 1; width < 80; ++width) EXPECT_LT(progress_.bar(width).size(), width);
}

TEST_F(BarTest, CountsWhatFailedAndNotWhatWasInterrupted) {
  using train::Status;
  progress_.finished(0, test::failed_record("sgd", 1, "aaaaaaaa", Status::diverged, 3, "why"), 0);
  progress_.finished(1, test::failed_record("sgd", 2, "aaaaaaab", Status::interrupted, 3, ""), 0);
  EXPECT_EQ(progress_.bar(80), "[#######-----------------------] 1/4, 1 not ok  0 running");
}

TEST(Plain, NothingIsLeftThatATerminalObeys) {
  EXPECT_EQ(records::plain("a\033[2Jb\r\n\x7f"
                           "c"),
            "a [2Jb   c");
  EXPECT_EQ(records::plain("\xc2\x9b"
                           "31m\xc3\xa4"),
            "  31m\xc3\xa4");  // C1's own; an umlaut stays
}

}  // namespace
}  // namespace gapbench::run
