#include "records/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using ::testing::HasSubstr;

class CheckpointTest : public ::testing::Test {
 protected:
  CheckpointTest() { write_checkpoint(folder_.path(), record_, {40, 100, 3}, state_); }

  std::string why_not(const Record& record) const {
    const auto found = read_checkpoint(folder_.path(), record);
    return found ? found->why_not : "there is none";
  }
  void rewrite(const std::string& text) const {
    write_file_atomically(folder_ / checkpoint_file, text);
  }
  std::string text() const { return read_file(folder_ / checkpoint_file); }

  test::TemporaryFolder folder_;
  Record record_ = test::some_record("sgd", 1, "aaaaaaaa");
  std::string state_{"a state\n with \0 in it", 22};
};

TEST_F(CheckpointTest, ComesBack) {
  const auto found = read_checkpoint(folder_.path(), record_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->why_not, "");
  EXPECT_EQ(found->checkpoint.step, 40U);
  EXPECT_EQ(found->checkpoint.steps, 100U);
  EXPECT_EQ(found->checkpoint.evaluations, 3U);
  EXPECT_EQ(found->state, state_);
  EXPECT_EQ(peek_checkpoint(folder_.path())->step, 40U);
  EXPECT_LT(found->checkpoint.seconds, 0);  // not noted
  write_checkpoint(folder_.path(), record_, {40, 100, 3, 12.5, "h", "s"}, state_);
  const Checkpoint noted = read_checkpoint(folder_.path(), record_)->checkpoint;
  EXPECT_EQ(noted.seconds, 12.5);
  EXPECT_EQ(noted.history_sha256, "h");
  EXPECT_EQ(noted.steps_sha256, "s");
}

TEST_F(CheckpointTest, NoneIsNoFailure) {
  std::filesystem::remove(folder_ / checkpoint_file);
  EXPECT_FALSE(read_checkpoint(folder_.path(), record_));
  EXPECT_FALSE(peek_checkpoint(folder_.path()));
}

TEST_F(CheckpointTest, ServesTheSameMakerOnly) {
  Record other = record_;
  other.build = "gapbench 0.1.0 def Release";
  EXPECT_EQ(why_not(other), "it was made with another build (gapbench 0.1.0 abc Release)");
  other = record_;
  other.identity = test::identity_of("bbbbbbbb");
  EXPECT_THAT(why_not(other), HasSubstr("another identity"));
  other = record_;
  other.plugins["optimizer sgd"] = std::string(64, '2');
  EXPECT_THAT(why_not(other), HasSubstr("another plugins"));
}

TEST_F(CheckpointTest, WhatAStampSaysReachesNoTerminalAsItIs) {
  Record other = record_;
  other.build = "a\x1B[2J\nb";
  write_checkpoint(folder_.path(), other, {3, 10, 1}, "state");
  EXPECT_EQ(why_not(record_), "it was made with another build (a [2J b)");
}

TEST(CheckpointPace, TakesOnePercentOfTheTime) {
  using std::chrono::seconds;
  const CheckpointPace::Time start{};
  CheckpointPace pace(60, start);
  EXPECT_FALSE(pace.is_due(start + seconds(59)));
  ASSERT_TRUE(pace.is_due(start + seconds(60)));
  pace.saved(start + seconds(62));  // it took two seconds
  EXPECT_FALSE(pace.is_due(start + seconds(62 + 199)));
  ASSERT_TRUE(pace.is_due(start + seconds(62 + 200)));
  pace.saved(start + seconds(262));  // none at all
  EXPECT_FALSE(pace.is_due(start + seconds(262 + 59)));
  EXPECT_TRUE(pace.is_due(start + seconds(262 + 60)));
}

TEST_F(CheckpointTest, DamageIsNoticed) {
  const std::string good = text();
  rewrite(good.substr(0, good.size() - 1));
  EXPECT_EQ(why_not(record_), "it is damaged");
  rewrite(good.substr(0, good.find('\n') + 20));
  EXPECT_EQ(why_not(record_), "it is damaged");
  EXPECT_FALSE(peek_checkpoint(folder_.path()));
  std::string bad = good;
  bad[good.find("a state")] = 'b';
  rewrite(bad);
  EXPECT_EQ(why_not(record_), "it is damaged");
  rewrite("");
  EXPECT_EQ(why_not(record_), "it is damaged");
  rewrite("gapbench-checkpoint 1\n{}\nstate");
  EXPECT_EQ(why_not(record_), "it is damaged");
  EXPECT_FALSE(peek_checkpoint(folder_.path()));
  bad = good;
  bad.replace(bad.find("\"step\":40"), 9, "\"step\":-4");
  rewrite(bad);
  EXPECT_EQ(why_not(record_), "it is damaged");
  EXPECT_FALSE(peek_checkpoint(folder_.path()));
}

TEST_F(CheckpointTest, AFinishedTrialKeepsNone) {
  record_.outcome.status = train::Status::interrupted;
  write_summary(folder_.path(), record_);
  EXPECT_TRUE(peek_checkpoint(folder_.path()));
  record_.outcome.status = train::Status::crashed;
  write_summary(folder_.path(), record_);
  EXPECT_FALSE(peek_checkpoint(folder_.path()));
}

class GoingOnTest : public ::testing::Test {
 protected:
  GoingOnTest() {
    RecordWriter writer(folder_);
    writer.write_environment({{"started", "monday"}});
    for (const std::uint64_t step : {0, 10, 20}) {
      train::Evaluation e;
      e.step = step;
      e.train.loss = static_cast<double>(step);
      writer.append(e);
    }
    write_checkpoint(folder_, record_, {15, 100, 2}, "state");
  }
  std::vector<std::string> lines(const char* name) const { return whole_lines(folder_ / name); }

  test::TemporaryFolder root_;
  std::filesystem::path folder_ = root_ / "record";
  Record record_ = test::some_record("sgd", 1, "aaaaaaaa");
};

TEST_F(GoingOnTest, HistoryIsCutAtTheCheckpointAndGoesOn) {
  const auto before = lines("history.jsonl");
  RecordWriter writer(folder_, Earlier::keep_checkpointed);
  const auto last = writer.go_on({15, 100, 2});
  ASSERT_TRUE(last);
  EXPECT_EQ(last->step, 10U);
  EXPECT_EQ(lines("history.jsonl").size(), 2U);
  train::Evaluation e;
  e.step = 20;
  e.train.loss = 20;
  writer.append(e);
  EXPECT_EQ(lines("history.jsonl"), before);
  EXPECT_EQ(lines("timing.jsonl").size(), 3U);
}

TEST_F(GoingOnTest, EveryEnvironmentStays) {
  RecordWriter writer(folder_, Earlier::keep_checkpointed);
  writer.go_on({15, 100, 2});
  EXPECT_FALSE(writer.was_shared());
  writer.write_environment({{"started", "tuesday"}, {"shared_machine", true}});
  const Json json = Json::parse(read_file(folder_ / "environment.json"));
  EXPECT_EQ(json.at("started"), "monday");
  ASSERT_EQ(json.at("continued").size(), 1U);
  EXPECT_EQ(json.at("continued")[0].at("started"), "tuesday");
  RecordWriter third(folder_, Earlier::keep_checkpointed);
  third.go_on({15, 100, 2});
  EXPECT_TRUE(third.was_shared());  // its times stay marked, whoever ends it
}

TEST_F(GoingOnTest, WithoutItsHistoryItStartsOver) {
  RecordWriter writer(folder_, Earlier::keep_checkpointed);
  EXPECT_FALSE(writer.go_on({25, 100, 4}));  // only three lines are there
  EXPECT_FALSE(std::filesystem::exists(folder_ / "history.jsonl"));
  EXPECT_FALSE(peek_checkpoint(folder_));
}

TEST_F(GoingOnTest, WithAHistoryThatWasChangedItStartsOver) {
  const std::string hash = RecordWriter(folder_, Earlier::keep_checkpointed).synced_history();
  Checkpoint checkpoint{25, 100, 3};
  checkpoint.history_sha256 = hash;
  EXPECT_TRUE(RecordWriter(folder_, Earlier::keep_checkpointed).go_on(checkpoint));
  std::string text = read_file(folder_ / "history.jsonl");
  text.replace(text.rfind("\"loss\":10.0"), 11, "\"loss\":11.0");
  write_file_atomically(folder_ / "history.jsonl", text);
  EXPECT_FALSE(RecordWriter(folder_, Earlier::keep_checkpointed).go_on(checkpoint));
  EXPECT_FALSE(peek_checkpoint(folder_));
}

TEST_F(GoingOnTest, WritersThatDiedLeaveNothing) {
  for (const char* name : {"checkpoint.part.7", "summary.json.part.8"}) {
    write_file_atomically(folder_ / name, "half");
  }
  record_.outcome.status = train::Status::crashed;
  write_summary(folder_, record_, true);
  EXPECT_TRUE(peek_checkpoint(folder_));  // asked to be kept
  EXPECT_FALSE(std::filesystem::exists(folder_ / "checkpoint.part.7"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "summary.json.part.8"));
}

TEST_F(GoingOnTest, ClearedWhereItIsNotWanted) {
  const RecordWriter writer(folder_);
  EXPECT_FALSE(peek_checkpoint(folder_));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "history.jsonl"));
}

TEST_F(GoingOnTest, TheNextRunSaysWhereItGoesOn) {
  write_file_atomically(folder_ / "trial.yaml", "method: sgd\n");
  EXPECT_EQ(inspect(folder_, record_.identity).why,
            "it was cut off before its end; its checkpoint is of step 15");
}

}  // namespace
}  // namespace gapbench::records
