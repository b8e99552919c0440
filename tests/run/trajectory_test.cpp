// Recorded step lengths, and trials that wait for those they follow; workers are shell scripts.
#include "records/trajectory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"
#include "run/runner.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using train::Status;

TEST(Steps, AreReadBackToTheBit) {
  const test::TemporaryFolder folder;
  records::RecordWriter writer(folder / "record");
  const std::vector<float> lengths{0.1F, 0, 3e-38F};
  writer.write_steps(lengths);
  EXPECT_EQ(fs::file_size(folder / "record" / records::steps_file), 12U);
  EXPECT_EQ(records::read_steps(folder / "record"), lengths);
  records::clear_record(folder / "record");
  EXPECT_FALSE(fs::exists(folder / "record" / records::steps_file));
}

TEST(Steps, DamageIsRefusedInWords) {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) -> std::string {
    write_file_atomically(folder / records::steps_file, bytes);
    try {
      records::read_steps(folder.path());
    } catch (const Error& e) {
      return e.what();
    }
    return "accepted";
  };
  EXPECT_THAT(refusal("abcde"), HasSubstr("5 bytes; step lengths take four each"));
  EXPECT_THAT(refusal(std::string("\0\0\x80\xbf", 4)), HasSubstr("step 0 has the length -1"));
  EXPECT_THAT(refusal(std::string("\0\0\x80\x3f\0\0\x80\x7f", 8)),
              HasSubstr("step 1 has the length inf"));
  EXPECT_EQ(refusal(""), "accepted");
  EXPECT_THROW(records::read_steps(folder / "absent"), Error);
}

TEST(End, IsReadBackToTheBit) {
  const test::TemporaryFolder folder;
  records::RecordWriter writer(folder / "record");
  writer.write_end(std::vector<float>{0.1F, -3}, std::vector<float>{0.5F});
  EXPECT_EQ(fs::file_size(folder / "record" / records::end_file), 12U);
  EXPECT_EQ(records::read_end(folder / "record"), (std::vector<float>{0.1F, -3, 0.5F}));
  write_file_atomically(folder / "record" / records::end_file, "abcde");
  EXPECT_THROW(records::read_end(folder / "record"), Error);
  write_file_atomically(folder / "record" / records::end_file, std::string("\0\0\x80\x7f", 4));
  EXPECT_THROW(records::read_end(folder / "record"), Error);
  records::clear_record(folder / "record");
  EXPECT_FALSE(fs::exists(folder / "record" / records::end_file));
}

// The follower stands first in the suite and the source second.
class FollowTest : public ::testing::Test {
 protected:
  FollowTest() {
    options_.results = folder_ / "results";
    options_.data_root = "data";
    suite_.name = "demo";
    suite_.source = "demo.yaml";
    add("follower", "aaaaaaa1");
    add("small", "aaaaaaa2").settings.record_steps = true;
    suite_.trials[0].settings.sources = {
        {"from", "small", suite_.trials[1].identity, "../../small/seed-1-aaaaaaa2"}};
  }

  suite::Trial& add(const std::string& method, const std::string& head) {
    records::Record record = test::some_record(method, 1, head);
    suite_.trials.push_back({test::some_settings(method, 1), record.identity, record.folder});
    ends(suite_.trials.size() - 1, Status::ok);
    return suite_.trials.back();
  }

  /// What the worker of this trial will say.
  void ends(std::size_t trial, Status status) {
    const suite::Trial& t = suite_.trials[trial];
    records::Record record = test::some_record(t.settings.method, 1, t.identity.substr(0, 8));
    record.outcome.status = status;
    record.folder = "planned" / t.folder;
    records::write_summary(test::write_record(options_.results, record), record);
  }

  int run() {
    const std::string planned = (options_.results / "planned").string();
    const auto script = folder_.write(
        "worker.sh", "echo \"$3\" >> '" + (folder_ / "started").string() + "'\nsleep 0.05\ncp \"" +
                         planned + "/${3#*results/}/summary.json\" " +
                         "\"$3\"\ncase $3 in *small*) : > \"$3/steps.f32\";; esac\n");
    options_.worker_command = {"/bin/sh", script.string()};
    ::testing::internal::CaptureStdout();
    const int code = run_suite(suite_, options_);
    output_ = ::testing::internal::GetCapturedStdout();
    return code;
  }

  /// "small follower": who was started, in order, since the last call.
  std::string started() {
    std::string names;
    if (!fs::exists(folder_ / "started")) return names;
    std::istringstream lines(read_file(folder_ / "started"));
    for (std::string line; std::getline(lines, line);) {
      names += (names.empty() ? "" : " ") + fs::path(line).parent_path().filename().string();
    }
    fs::remove(folder_ / "started");
    return names;
  }
  fs::path record(std::size_t trial) const {
    return options_.results / suite_.trials[trial].folder;
  }
  train::Outcome outcome(std::size_t trial) const {
    return records::read_record(record(trial)).outcome;
  }

  test::TemporaryFolder folder_;
  RunOptions options_;
  suite::Suite suite_;
  std::string output_;
};

TEST_F(FollowTest, TheSourceRunsFirstOnAnyNumberOfJobs) {
  for (const std::size_t jobs : {1U, 2U}) {
    options_.jobs = jobs;
    options_.force = true;
    EXPECT_EQ(run(), 0);
    EXPECT_EQ(started(), "small follower") << jobs;
  }
}

TEST_F(FollowTest, ASourceThatFinishedEarlierIsFoundOnDisk) {
  EXPECT_EQ(run(), 0);
  started();
  fs::remove_all(record(0));
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(started(), "follower");
}

TEST_F(FollowTest, ASourceWithoutRecordedStepsRunsAgain) {
  EXPECT_EQ(run(), 0);
  started();
  fs::remove(record(1) / records::steps_file);
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(started(), "small");
  EXPECT_THAT(output_, HasSubstr("another method follows its steps, which were not recorded"));
}

TEST_F(FollowTest, ASourceWhoseEndWasNotKeptRunsAgain) {
  suite_.trials[1].settings.record_steps = false;
  suite_.trials[1].settings.record_end = true;
  suite_.trials[0].settings.sources[0].hands = train::Hands::start;
  EXPECT_EQ(run(), 0);
  started();
  EXPECT_EQ(run(), 0);  // the script writes no end.f32
  EXPECT_EQ(started(), "small");
  EXPECT_THAT(output_, HasSubstr("another method needs its end, which was not kept"));
}

TEST_F(FollowTest, AFailedSourceSkipsTheFollowerUntilItIsThere) {
  ends(1, Status::diverged);
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(started(), "small");
  EXPECT_EQ(outcome(0).status, Status::skipped);
  EXPECT_EQ(outcome(0).reason, "follows small seed 1, which is diverged");
  EXPECT_THAT(output_, HasSubstr("1 diverged, 1 skipped"));
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(started(), "");  // both rows stay

  ends(1, Status::ok);
  fs::remove_all(record(1));
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(started(), "small follower");
  EXPECT_EQ(outcome(0).status, Status::ok);
}

TEST_F(FollowTest, AChainIsSkippedToItsEnd) {
  add("last", "aaaaaaa3").settings.sources = {
      {"from", "follower", suite_.trials[0].identity, "../../follower/seed-1-aaaaaaa1"}};
  suite_.trials[0].settings.record_steps = true;
  ends(1, Status::diverged);
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(outcome(2).reason, "follows follower seed 1, which is skipped");
}

}  // namespace
}  // namespace gapbench::run
