// One trial of a suite by itself, as a scheduler's task runs it.
#include "run/one_trial.h"

#include "gapbench/error.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

using ::testing::ElementsAre;

class OneTrialTest : public RunnerTest {
 protected:
  /// A trial that follows the one of method sgd with its seed.
  suite::Trial& add_follower(const std::string& head, const suite::Trial& source) {
    records::Record record = test::some_record("graft", source.settings.seed, head);
    const fs::path folder = options_.results / record.folder;
    records::write_summary(test::write_record(options_.results, record), record);
    fs::rename(folder / "summary.json", folder / "result");
    fs::remove(folder / "trial.yaml");
    train::TrialSettings settings = test::some_settings("graft", source.settings.seed);
    settings.sources = {
        {"from", "sgd", source.identity, source.folder.lexically_relative(record.folder).string()}};
    suite_.trials.push_back({settings, record.identity, record.folder});
    return suite_.trials.back();
  }

  int run_one(std::size_t index, const std::string& script) {
    const auto path = folder_.write(
        "worker.sh", "echo \"$3\" >> '" + (folder_ / "started").string() + "'\n" + script);
    options_.worker_command = {"/bin/sh", path.string()};
    ::testing::internal::CaptureStdout();
    const int code = run_one_trial(suite_, index, options_);
    output_ = ::testing::internal::GetCapturedStdout();
    return code;
  }
  bool has_ended(std::size_t trial) const { return fs::exists(record(trial) / "summary.json"); }
};

TEST_F(OneTrialTest, RunsThatTrialAndWritesNothingBesides) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  EXPECT_EQ(run_one(1, good), 0);
  EXPECT_EQ(starts(), 1U);
  EXPECT_FALSE(has_ended(0));
  EXPECT_TRUE(has_ended(1));
  EXPECT_FALSE(has_ended(2));
  EXPECT_FALSE(fs::exists(options_.results / "demo/suite.json"));
  EXPECT_EQ(run_one(1, good), 0);  // it is there
  EXPECT_EQ(starts(), 1U);
}

TEST_F(OneTrialTest, APlaceThatIsNoneIsRefused) {
  add("aaaaaaa1");
  try {
    run_one_trial(suite_, 1, options_);
    FAIL();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "--trial: must be less than the 1 trials of the suite, got 1");
  }
  EXPECT_EQ(starts(), 0U);
}

TEST_F(OneTrialTest, WhatIsFollowedComesFirstAndOnlyThat) {
  add("aaaaaaa1");
  add("aaaaaaa2");
  add_follower("bbbbbbb1", suite_.trials[0]);
  EXPECT_THAT(with_followed(suite_, 2), ElementsAre(0, 2));
  EXPECT_THAT(with_followed(suite_, 1), ElementsAre(1));
  EXPECT_EQ(run_one(2, good), 0);
  EXPECT_EQ(read_file(folder_ / "started"), record(0).string() + "\n" + record(2).string() + "\n");
  EXPECT_FALSE(has_ended(1));
  EXPECT_EQ(run_one(2, good), 0);
  EXPECT_EQ(starts(), 2U);
}

TEST_F(OneTrialTest, AFollowerOfAFailureIsSkipped) {
  add("aaaaaaa1", Status::diverged);
  add_follower("bbbbbbb1", suite_.trials[0]);
  EXPECT_EQ(run_one(1, good), 2);
  EXPECT_EQ(starts(), 1U);
  EXPECT_EQ(outcome(1).status, Status::skipped);
  EXPECT_EQ(outcome(1).reason, "follows sgd seed 1, which is diverged");
}

TEST_F(OneTrialTest, AFollowedMethodThatIsNotThereIsNamed) {
  add("aaaaaaa1");
  add_follower("bbbbbbb1", suite_.trials[0]).settings.sources[0].method = "adam";
  EXPECT_THROW(run_one_trial(suite_, 1, options_), Error);
}

TEST_F(OneTrialTest, RetryConcernsTheTrialAlone) {
  add("aaaaaaa1", Status::timeout);
  add_follower("bbbbbbb1", suite_.trials[0]);
  EXPECT_EQ(run_one(0, good), 2);
  options_.retry = {Status::timeout};
  EXPECT_EQ(run_one(1, good), 2);  // its source stays as it is
  EXPECT_EQ(starts(), 1U);
  EXPECT_EQ(run_one(0, good), 2);
  EXPECT_EQ(starts(), 2U);
}

// What was stopped goes back into the queue, unless that leads nowhere.
TEST_F(OneTrialTest, AnInterruptedTrialGoesOnOnlyWhereItCameAStepFurther) {
  add("aaaaaaa1", Status::interrupted);  // at step 100
  EXPECT_EQ(run_one(0, std::string(good) + "exit 130\n"), exit_interrupted);
  EXPECT_EQ(run_one(0, std::string(good) + "exit 130\n"), 2);
  EXPECT_THAT(output_, HasSubstr("not a step further than before: the time limit is too short to "
                                 "go on with this trial\n"));
}

TEST_F(OneTrialTest, ADiskThatFailsIsNoEndOfTheTrial) {
  add("aaaaaaa1");
  run_one(0, "echo 'no space left'; exit 74\n");
  EXPECT_EQ(outcome(0).status, Status::interrupted);
  EXPECT_EQ(outcome(0).reason, "no space left");
  EXPECT_EQ(run_one(0, good), 0);
}

}  // namespace
}  // namespace gapbench::run
