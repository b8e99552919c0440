// From tuning records to a choice; workers are shell scripts.
#include "run/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"
#include "records/suite_note.h"
#include "run/one_trial.h"
#include "run/runner.h"
#include "suite/load.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using train::Status;

// Two configurations of one method on one seed, then one trial that counts.
class TuningTest : public ::testing::Test {
 protected:
  TuningTest() {
    options_.results = folder_ / "results";
    options_.data_root = "data";
    suite_.name = "demo";
    suite_.source = "demo.yaml";
    suite::Search search{"sgd", {}};
    for (const double rate : {0.1, 0.2}) {
      train::TrialSettings tried = test::some_settings("sgd[" + std::to_string(rate) + "]", 101);
      tried.optimizer.options["learning_rate"] = rate;
      tried.data.validation = 100;
      tried.tuning = true;
      train::TrialSettings counting = tried;
      counting.method = "sgd";
      counting.tuning = false;
      counting.effort = {2, 2};
      search.candidates.push_back({tried.method, counting, {suite_.trials.size()}});
      suite_.trials.push_back({tried, "", {}, {}});
    }
    train::TrialSettings counting = search.candidates[0].settings;
    counting.seed = 1;
    suite_.trials.push_back({counting, "", {}, 0});
    suite_.searches = {search};
    suite::settle(suite_);
  }

  /// What the worker of this tuning trial will say.
  void ends(std::size_t trial, Status status, double validation_accuracy,
            std::optional<double> train_accuracy = 1.0) {
    const suite::Trial& t = suite_.trials[trial];
    records::Record record = test::some_record("sgd", 101, t.identity.substr(0, 8));
    record.identity = t.identity;
    record.method = t.settings.method;
    record.settings = records::planned_record(t.settings, t.identity).settings;
    record.outcome.status = status;
    record.outcome.final->validation = train::PartMetrics{0.5, validation_accuracy, 100};
    record.outcome.final->train.accuracy = train_accuracy;
    write_summary(t.folder, record);
  }
  void write_summary(const fs::path& trial_folder, const records::Record& record) {
    fs::create_directories(options_.results / trial_folder);
    records::write_summary(options_.results / trial_folder, record);
  }

  int run(const std::string& end = "exit 1\n") {
    return run_with(end, [this] { return run_suite(suite_, options_); });
  }
  int run_one(std::size_t index) {
    return run_with("exit 1\n", [this, index] { return run_one_trial(suite_, index, options_); });
  }
  int run_with(const std::string& end, const std::function<int()>& work) {
    const auto script = folder_.write(
        "worker.sh", "echo \"$3\" >> '" + (folder_ / "started").string() + "'\n" + end);
    options_.worker_command = {"/bin/sh", script.string()};
    ::testing::internal::CaptureStdout();
    const int code = work();
    output_ = ::testing::internal::GetCapturedStdout();
    return code;
  }
  std::string started() const { return read_file(folder_ / "started"); }

  test::TemporaryFolder folder_;
  RunOptions options_;
  suite::Suite suite_;
  std::string output_;
};

TEST_F(TuningTest, TheBestOnValidationIsRun) {
  ends(0, Status::ok, 0.5);
  ends(1, Status::ok, 0.75);
  EXPECT_EQ(run(), 2);  // this worker always fails
  EXPECT_THAT(output_, HasSubstr("tuning 1 method, 2 trials"));
  EXPECT_THAT(output_, HasSubstr("2 trials: 2 finished already, nothing to do"));
  EXPECT_THAT(output_, HasSubstr("cifar10 cnn3 sgd: sgd[0.200000], the best of 2 (validation "
                                 "accuracy 75.00 %)"));
  const suite::Suite final = suite::final_stage(
      suite_, suite::choices(suite_, {{suite::Score{0.5}}, {suite::Score{0.25}}}));
  EXPECT_EQ(started(), (options_.results / final.trials[0].folder).string() + "\n");
  const records::Record record = records::read_record(options_.results / final.trials[0].folder);
  EXPECT_EQ(record.settings.at("optimizer.learning_rate"), OptionValue(0.2));
  EXPECT_EQ(record.settings.at("tune.configurations"), OptionValue(std::int64_t{2}));
}

TEST_F(TuningTest, AConfigurationThatFailedIsOut) {
  ends(0, Status::ok, 0.25);
  ends(1, Status::diverged, 0.75);
  run();
  EXPECT_THAT(output_, HasSubstr("sgd: sgd[0.100000], the best of 2"));
}

// Killed is not worse: who would be chosen next is not the best of two.
TEST_F(TuningTest, AConfigurationThatWasKilledMakesNoChoice) {
  ends(0, Status::ok, 0.25);
  ends(1, Status::crashed, 0.75);
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(output_, HasSubstr("1 of 2 tuning trials failed"));
  EXPECT_THAT(output_, HasSubstr("  cifar10 cnn3 sgd[0.200000] seed 101: crashed: "));
  EXPECT_THAT(output_, HasSubstr("nothing is chosen"));
  EXPECT_FALSE(fs::exists(folder_ / "started"));
  EXPECT_FALSE(fs::exists(options_.results / "demo" / "tuning.json"));
}

// The first of two shares has the first configuration, the second the other.
TEST_F(TuningTest, WhatOtherSharesHaveIsWaitedForInWords) {
  ends(0, Status::ok, 0.25);
  options_.shard = {1, 2};
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(output_, HasSubstr("1 of 2 tuning trials are not there yet: nothing is chosen; run "
                                 "again when the other shares are\n"));
  EXPECT_FALSE(fs::exists(folder_ / "started"));
  ends(1, Status::ok, 0.75);
  EXPECT_EQ(run(), 2);  // this worker always fails
  EXPECT_THAT(output_, HasSubstr("sgd: sgd[0.200000], the best of 2"));
}

TEST_F(TuningTest, WhatWasInterruptedIsNoOtherShares) {
  ends(0, Status::ok, 0.25);
  const std::string refused = "exit 74\n";  // as where the disk fails
  EXPECT_EQ(run(refused), 2);
  EXPECT_THAT(output_, HasSubstr("1 of 2 tuning trials are not there yet: nothing is chosen; the "
                                 "same command goes on with them\n"));
}

TEST_F(TuningTest, OneTrialByItselfWaitsForTheChoiceAndNotesIt) {
  EXPECT_EQ(run_one(2), 2);
  EXPECT_THAT(output_, HasSubstr("2 of 2 tuning trials are not there yet: nothing is chosen"));
  EXPECT_FALSE(fs::exists(folder_ / "started"));
  ends(0, Status::ok, 0.5);
  ends(1, Status::ok, 0.75);
  EXPECT_EQ(run_one(0), 0);  // is there
  EXPECT_FALSE(fs::exists(options_.results / "demo" / "tuning.json"));
  EXPECT_EQ(run_one(2), 2);  // this worker always fails
  const records::Json note =
      records::Json::parse(read_file(options_.results / "demo" / "tuning.json"));
  EXPECT_EQ(note.at("searches").at(0).at("chosen"), "sgd[0.200000]");
  const auto suite_note = records::read_suite_note(options_.results / "demo" / "suite.json");
  ASSERT_EQ(suite_note.trials.size(), 1U);
  EXPECT_THAT(started(), HasSubstr(suite_note.trials[0]));
}

TEST_F(TuningTest, WhatWaitsForNoChoiceRunsAllTheSame) {
  suite_.trials.push_back({test::some_settings("plain", 1), "", {}, {}});
  suite::settle(suite_);
  ends(0, Status::ok, 0.25);
  ends(1, Status::timeout, 0.75);
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(started(), (options_.results / suite_.trials.back().folder).string() + "\n");
}

TEST_F(TuningTest, AChoiceWithoutTheKilledSaysSoEverywhere) {
  options_.choose_without_failed = true;
  ends(0, Status::ok, 0.25);
  ends(1, Status::out_of_memory, 0.75);
  const auto chosen = [&] {
    return suite::final_stage(
        suite_,
        suite::choices(suite_, tuning_results(suite::tuning_stage(suite_), options_.results)));
  };
  const suite::Trial final = chosen().trials[0];
  records::Record record = test::some_record("sgd", 1, final.identity.substr(0, 8));
  record.identity = final.identity;
  write_summary(final.folder, record);
  EXPECT_EQ(run(), 2);  // every trial that counts is ok
  EXPECT_THAT(output_, HasSubstr("sgd[0.100000], the best of 2 without 1 that failed"));
  const records::Json note =
      records::Json::parse(read_file(options_.results / "demo" / "tuning.json"));
  const records::Json& candidates = note.at("searches").at(0).at("candidates");
  EXPECT_FALSE(candidates.at(0).contains("failed"));
  EXPECT_EQ(candidates.at(1).at("failed").at(0).at("seed"), 101);
  const records::Record now = records::read_record(options_.results / final.folder);
  EXPECT_EQ(now.settings.at("tune.failed"), OptionValue(std::int64_t{1}));

  ends(1, Status::ok, 0.2);  // again, and well: the same choice without a mark
  EXPECT_EQ(run(), 0);
  EXPECT_FALSE(
      records::read_record(options_.results / final.folder).settings.contains("tune.failed"));
  EXPECT_EQ(chosen().trials[0].identity, final.identity);
}

TEST_F(TuningTest, WhereAllDivergedTheFirstGoesOn) {
  ends(0, Status::diverged, 0.5);
  ends(1, Status::diverged, 0.75);
  EXPECT_EQ(run(), 2);
  EXPECT_THAT(output_, HasSubstr("none of 2 ended well; sgd[0.100000] goes on"));
}

TEST_F(TuningTest, TheNoteHoldsEveryScore) {
  ends(0, Status::ok, 0.5);
  ends(1, Status::diverged, 0.75);
  run();
  const records::Json note =
      records::Json::parse(read_file(options_.results / "demo" / "tuning.json"));
  EXPECT_EQ(note.at("score"), "validation_accuracy");
  const records::Json& search = note.at("searches").at(0);
  EXPECT_EQ(search.at("chosen"), "sgd[0.100000]");
  EXPECT_EQ(search.at("dataset"), "cifar10");
  EXPECT_EQ(search.at("candidates").at(0).at("score"), 0.5);
  EXPECT_TRUE(search.at("candidates").at(1).at("score").is_null());
}

TEST_F(TuningTest, WhoHasNotFittedComesLast) {
  suite_.tune.fitted = 0.99;
  ends(0, Status::ok, 0.5, 0.995);
  ends(1, Status::ok, 0.75, 0.6);
  run();
  EXPECT_THAT(output_, HasSubstr("sgd: sgd[0.100000], the best of 1 that have fitted, of 2 "
                                 "(validation accuracy 50.00 %)"));
  const records::Json note =
      records::Json::parse(read_file(options_.results / "demo" / "tuning.json"));
  EXPECT_EQ(note.at("fitted"), 0.99);
  EXPECT_EQ(note.at("searches").at(0).at("candidates").at(1).at("train_accuracy"), 0.6);

  suite_.tune.fitted = 0.999;
  run();
  EXPECT_THAT(output_, HasSubstr("sgd: sgd[0.200000], the best of 2, none of which has fitted "
                                 "(validation accuracy 75.00 %)"));

  ends(0, Status::ok, 0.5, std::nullopt);
  EXPECT_THROW(tuning_results(suite::tuning_stage(suite_), options_.results), Error);
  suite_.tune.fitted.reset();
  EXPECT_NO_THROW(tuning_results(suite::tuning_stage(suite_), options_.results));
}

TEST_F(TuningTest, TheEffortIsBroughtUpToDateWithoutRunningAgain) {
  ends(0, Status::ok, 0.75);
  ends(1, Status::ok, 0.5);
  suite::Suite final = suite::final_stage(
      suite_, suite::choices(suite_, {{suite::Score{0.25}}, {suite::Score{0.5}}}));
  records::Record record = test::some_record("sgd", 1, final.trials[0].identity.substr(0, 8));
  record.identity = final.trials[0].identity;
  record.settings = records::planned_record(final.trials[0].settings, record.identity).settings;
  record.settings["tune.configurations"] = std::int64_t{1};
  write_summary(final.trials[0].folder, record);
  EXPECT_EQ(run(), 0);
  EXPECT_FALSE(fs::exists(folder_ / "started"));
  const records::Record now = records::read_record(options_.results / final.trials[0].folder);
  EXPECT_EQ(now.settings.at("tune.configurations"), OptionValue(std::int64_t{2}));
  EXPECT_EQ(now.outcome.final->test->accuracy, record.outcome.final->test->accuracy);
}

TEST_F(TuningTest, TablesNeverSeeTuningTrials) {
  ends(0, Status::ok, 0.5);
  ends(1, Status::ok, 0.75);
  run();
  const records::Records records = records::read_records({options_.results});
  ASSERT_EQ(records.good.size(), 1U);
  EXPECT_EQ(records.good[0].seed, 1U);
  EXPECT_EQ(records.tuning.size(), 2U);
  ASSERT_EQ(records.suites.size(), 1U);
  EXPECT_THAT(records.suites[0].methods, ::testing::ElementsAre("sgd"));
}

TEST_F(TuningTest, ScoresNeedAValidationPart) {
  ends(0, Status::ok, 0.5);
  const suite::Suite tuning = suite::tuning_stage(suite_);
  EXPECT_EQ(tuning_results(tuning, options_.results)[0].score->value, -0.5);
  suite::Suite by_loss = tuning;
  by_loss.tune.by_loss = true;
  EXPECT_EQ(tuning_results(by_loss, options_.results)[0].score->value, 0.5);
  records::Record record = records::read_record(options_.results / tuning.trials[0].folder);
  record.outcome.final->validation->accuracy.reset();
  record.outcome.final->validation->loss = 0.125;
  write_summary(tuning.trials[0].folder, record);
  EXPECT_THROW(tuning_results(tuning, options_.results), Error);
  EXPECT_EQ(tuning_results(by_loss, options_.results)[0].score->value, 0.125);
  record.outcome.final->validation.reset();
  write_summary(tuning.trials[0].folder, record);
  EXPECT_THROW(tuning_results(by_loss, options_.results), Error);
}

}  // namespace
}  // namespace gapbench::run
