// The worker where the trial cannot even start; trials that run are in tests/cli.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/build_info.h"
#include "gapbench/error.h"
#include "records/records.h"
#include "run/runner.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

using ::testing::HasSubstr;

class WorkerTest : public ::testing::Test {
 protected:
  WorkerTest() {
    options_.folder = folder_ / "record";
    options_.plugin_folders = {folder_.path()};
    options_.threads = 3;
    options_.shared_machine = true;
    records::RecordWriter(options_.folder).write_trial(suite::write_trial(settings_));
  }

  test::TemporaryFolder folder_;
  train::TrialSettings settings_ = test::some_settings("sgd", 5);
  WorkerOptions options_;
};

TEST_F(WorkerTest, AMissingPluginIsAnOutcome) {
  EXPECT_EQ(run_worker(options_), 2);
  const records::Record record = records::read_record(options_.folder);
  EXPECT_EQ(record.outcome.status, train::Status::error);
  EXPECT_THAT(record.outcome.reason, HasSubstr("sgd"));
  EXPECT_EQ(record.identity, suite::identity(settings_));
  EXPECT_EQ(record.method, "sgd");
  EXPECT_EQ(record.seed, 5U);
  EXPECT_EQ(record.threads, 3U);
  EXPECT_TRUE(record.shared_machine);
  EXPECT_THAT(record.build, HasSubstr("gapbench " GAPBENCH_VERSION));
  EXPECT_THAT(record.build, HasSubstr("oneDNN"));
}

TEST_F(WorkerTest, AMissingPluginFolderIsAnOutcome) {
  options_.plugin_folders = {folder_ / "absent"};
  EXPECT_EQ(run_worker(options_), 2);
  EXPECT_THAT(records::read_record(options_.folder).outcome.reason, HasSubstr("absent"));
}

TEST_F(WorkerTest, ReplacesAnEarlierAttempt) {
  records::RecordWriter(options_.folder).append(train::Evaluation{});
  run_worker(options_);
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "history.jsonl"));
  EXPECT_TRUE(std::filesystem::exists(options_.folder / "trial.yaml"));
}

TEST_F(WorkerTest, ByHandItKeepsOutOfARunsWay) {
  write_file_atomically(options_.folder / "lease", "00ff 1234567890abcdef\n");
  EXPECT_THROW(run_worker(options_), Error);
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "summary.json"));
  std::filesystem::remove(options_.folder / "lease");
  EXPECT_EQ(run_worker(options_), 2);
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "lease"));
}

TEST_F(WorkerTest, WithoutATrialThereIsNothingToRecord) {
  std::filesystem::remove(options_.folder / "trial.yaml");
  EXPECT_THROW(run_worker(options_), Error);
  write_file_atomically(options_.folder / "trial.yaml", "method: [");
  EXPECT_THROW(run_worker(options_), Error);
  EXPECT_FALSE(std::filesystem::exists(options_.folder / "summary.json"));
}

}  // namespace
}  // namespace gapbench::run
