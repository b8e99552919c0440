#include "run/selection.h"

#include "gapbench/error.h"
#include "run/runner_fixture.h"

namespace gapbench::run {
namespace {

/// Of each method three seeds; `follower` follows `small`.
suite::Suite some_suite() {
  suite::Suite suite;
  for (const char* method : {"follower", "small", "large[batch=64]", "large[batch=128]"}) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      suite::Trial trial{test::some_settings(method, seed), method + std::to_string(seed), {}, {}};
      if (trial.settings.method == "follower") {
        trial.settings.sources = {{"from", "small", "small" + std::to_string(seed), ""}};
      }
      suite.trials.push_back(trial);
    }
  }
  return suite;
}

std::string names(const suite::Suite& suite) {
  std::string text;
  for (const suite::Trial& trial : suite.trials) {
    text += (text.empty() ? "" : " ") + trial.identity;
  }
  return text;
}

std::string only(const std::string& text) {
  return names(selected(some_suite(), selection_of("--only", text), {}));
}

TEST(Selection, ByWhatTrialsAre) {
  EXPECT_EQ(only("methods=small;seeds=1,3"), "small1 small3");
  EXPECT_EQ(only("methods=large;seeds=2"), "large[batch=64]2 large[batch=128]2");
  EXPECT_EQ(only("methods=large[batch=128];seeds=1-2"), "large[batch=128]1 large[batch=128]2");
  EXPECT_EQ(only("datasets=mnist"), "");
  EXPECT_EQ(only("datasets=cifar10;networks=cnn3;methods=small;seeds=2"), "small2");
}

TEST(Selection, WhatIsFollowedComesAlong) {
  EXPECT_EQ(only("methods=follower;seeds=2"), "follower2 small2");
}

TEST(Selection, TuningHasSeedsOfItsOwn) {
  train::TrialSettings settings = test::some_settings("sgd", 101);
  const Selection selection = selection_of("--only", "methods=sgd;seeds=1");
  EXPECT_FALSE(selection.has(settings));
  settings.tuning = true;
  EXPECT_TRUE(selection.has(settings));
}

TEST(Selection, IsRefusedWithTheFormThatIsRight) {
  for (const char* bad :
       {"", "sgd", "methods=", "method=sgd", "seeds=x", "seeds=3-1", "seeds=1-"}) {
    EXPECT_THROW(selection_of("--only", bad), Error) << bad;
  }
  for (const char* bad : {"", "2", "0/8", "9/8", "a/b", "1/", "/8", "1/8x"}) {
    EXPECT_THROW(shard_of("--shard", bad), Error) << bad;
  }
}

TEST(Shard, EveryTrialFallsToOneShareAndFollowersToTheirSources) {
  const suite::Suite suite = some_suite();
  std::map<std::string, std::size_t> share;
  for (std::size_t index = 1; index <= 4; ++index) {
    for (const suite::Trial& trial : selected(suite, {}, {index, 4}).trials) {
      EXPECT_TRUE(share.emplace(trial.identity, index).second) << trial.identity;
    }
  }
  EXPECT_EQ(share.size(), suite.trials.size());
  for (const char* seed : {"1", "2", "3"}) {
    EXPECT_EQ(share.at(std::string("follower") + seed), share.at(std::string("small") + seed));
  }
}

TEST_F(RunnerTest, AShareRunsItsOwnAndTheSuiteIsWholeInTheEnd) {
  for (const char* head : {"aaaaaaa1", "aaaaaaa2", "aaaaaaa3"}) add(head);
  options_.shard = {1, 2};
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 2U);
  EXPECT_THAT(output_, HasSubstr("2 trials: 2 ok in "));
  options_.shard = {2, 2};
  EXPECT_EQ(run(good), 0);
  EXPECT_EQ(starts(), 3U);
  const records::Records records = records::read_records({options_.results});
  EXPECT_EQ(records.good.size(), 3U);
  EXPECT_EQ(records.suites.at(0).trials.size(), 3U);  // of the whole suite
  options_.shard = {7, 8};
  EXPECT_EQ(run(good), 0);
  options_.shard = {};
  options_.only = selection_of("--only", "methods=adam");
  EXPECT_THROW(run(good), Error);
  ::testing::internal::GetCapturedStdout();
}

}  // namespace
}  // namespace gapbench::run
