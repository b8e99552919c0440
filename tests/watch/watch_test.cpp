#include "watch/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/checkpoint.h"
#include "records/records.h"
#include "records/suite_note.h"
#include "suite/trials/trial_file.h"

namespace gapbench::watch {
namespace {

using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using train::Status;

/// A suite of five trials, of which one is ok and one diverged; each takes 3.5 s.
void write_suite(const TemporaryFolder& root) {
  suite::Suite suite;
  suite.name = "demo";
  for (const char* name : {"sgd/seed-1-aaaaaaa1", "sgd/seed-2-aaaaaaa2", "sgd/seed-3-aaaaaaa3",
                           "adam/seed-1-bbbbbbb1", "adam/seed-2-bbbbbbb2"}) {
    suite.trials.push_back(
        {test::some_settings("sgd", 1), "", std::string("demo/cifar10/cnn3/") + name});
  }
  make_folder(root / "demo");
  records::write_suite_note(root / "demo", suite);
}

void write_some(const TemporaryFolder& root) {
  write_suite(root);
  test::write_record(root.path(), test::some_record("sgd", 1, "aaaaaaa1"));
  test::write_record(root.path(), test::failed_record("sgd", 2, "aaaaaaa2", Status::diverged, 7,
                                                      "not\x1b[2J finite\n"));
}

/// sgd, seed 3, with a budget of two epochs, after 100 s and the first of them; `setup` seconds in
/// front of the first step, where it was evaluated.
std::filesystem::path begin_third(const TemporaryFolder& root, double setup = 0) {
  const auto folder = root / "demo/cifar10/cnn3/sgd/seed-3-aaaaaaa3";
  records::RecordWriter writer(folder);
  writer.write_trial(suite::write_trial(test::some_settings("sgd", 3)));
  train::Evaluation e = *test::some_record("sgd", 3, "aaaaaaa3").outcome.final;
  if (setup > 0) {
    train::Evaluation start = e;
    start.step = 0;
    start.epoch = 0;
    start.cost.total.wall_seconds = setup;
    writer.append(start);
  }
  e.epoch = 1;
  e.cost.total.wall_seconds = 100;
  writer.append(e);
  return folder;
}

TEST(Watch, CountsWhatIsDoneBegunAndWaiting) {
  const TemporaryFolder root;
  write_some(root);
  begin_third(root);
  const SuiteProgress p = look({root.path()});
  EXPECT_EQ(p.total, 5U);
  EXPECT_EQ(p.finished(), 2U);
  EXPECT_EQ(p.waiting, 2U);
  EXPECT_FALSE(p.is_finished());
  ASSERT_THAT(p.begun, SizeIs(1));
  EXPECT_EQ(p.begun[0].done, 0.5);
  EXPECT_EQ(p.begun[0].last->train.loss, 0.5);
  EXPECT_NEAR(p.begun[0].remaining_seconds, 100, 50);  // less what this test has taken
  EXPECT_NEAR(*p.seconds_left, 100 + 2 * 3.5, 50);
  const std::string text = to_text(p);
  EXPECT_THAT(text, HasSubstr("demo: 2 of 5 done (1 ok, 1 diverged), 1 begun, 2 waiting; about "));
  EXPECT_THAT(text, HasSubstr("  begun   cifar10/cnn3/sgd/seed-3-aaaaaaa3  50 %  epoch 1  train "
                              "loss 0.5  test loss 0.75  last sign "));
  EXPECT_THAT(text, HasSubstr("  failed  cifar10/cnn3/sgd/seed-2-aaaaaaa2  diverged at step 7: "
                              "not [2J finite \n"));
}

TEST(Watch, SeesACheckpointBehindTheLastEvaluation) {
  const TemporaryFolder root;
  write_some(root);
  const auto folder = begin_third(root);
  const records::Record record = test::some_record("sgd", 3, "aaaaaaa3");
  const std::uint64_t evaluated = record.outcome.final->step;
  records::write_checkpoint(folder, record, {evaluated - 1, 4 * evaluated, 1}, "state");
  EXPECT_EQ(look({root.path()}).begun.at(0).done, 0.5);
  records::write_checkpoint(folder, record, {3 * evaluated, 4 * evaluated, 1, 150}, "state");
  const auto year = std::chrono::hours(365 * 24);  // a clock that is wrong changes no forecast
  std::filesystem::last_write_time(folder / records::checkpoint_file,
                                   std::filesystem::file_time_type::clock::now() + 10 * year);
  const Begun trial = look({root.path()}).begun.at(0);
  EXPECT_EQ(trial.done, 0.75);
  EXPECT_EQ(trial.spent_seconds, 150);
  EXPECT_EQ(trial.remaining_seconds, 50);
  EXPECT_THAT(to_text(look({root.path()})), HasSubstr("seed-3-aaaaaaa3  75 %  epoch 1  train "));
  records::write_checkpoint(folder, record, {5 * evaluated, 4 * evaluated, 1}, "state");
  EXPECT_EQ(look({root.path()}).begun.at(0).done, 0.5);
  std::filesystem::resize_file(folder / records::checkpoint_file, 30);
  EXPECT_EQ(look({root.path()}).begun.at(0).done, 0.5);
}

TEST(Watch, WhatCameBeforeTheFirstStepDoesNotComeAgain) {
  const TemporaryFolder root;
  write_suite(root);
  begin_third(root, 60);
  EXPECT_NEAR(look({root.path()}).begun.at(0).remaining_seconds, 40, 20);
}

TEST(Watch, APartOfASuiteIsOnlyThatPart) {
  const TemporaryFolder root;
  write_some(root);
  const SuiteProgress p = look({root / "demo/cifar10/cnn3/sgd"});
  EXPECT_EQ(p.total, 3U);
  EXPECT_EQ(p.waiting, 1U);
}

TEST(Watch, BeforeTheFirstTrialAndAfterTheLast) {
  const TemporaryFolder root;
  write_suite(root);
  const SuiteProgress before = look({root / "demo"});
  EXPECT_EQ(before.total, 5U);
  EXPECT_EQ(before.waiting, 5U);
  EXPECT_EQ(before.seconds_left, std::nullopt);
  EXPECT_EQ(to_text(before), "demo: 0 of 5 done, 0 begun, 5 waiting\n");
  for (const auto& [method, seed, head] :
       {std::tuple("sgd", 1, "aaaaaaa1"), std::tuple("sgd", 2, "aaaaaaa2"),
        std::tuple("sgd", 3, "aaaaaaa3"), std::tuple("adam", 1, "bbbbbbb1"),
        std::tuple("adam", 2, "bbbbbbb2")}) {
    test::write_record(root.path(),
                       test::some_record(method, static_cast<std::uint64_t>(seed), head));
  }
  const SuiteProgress after = look({root / "demo"});
  EXPECT_TRUE(after.is_finished());
  EXPECT_EQ(to_text(after), "demo: 5 of 5 done (5 ok), 0 begun, 0 waiting; finished\n");
}

TEST(Watch, HalfWrittenFilesDoNotHurt) {
  const TemporaryFolder root;
  write_some(root);
  const auto folder = begin_third(root);
  const std::string line = read_file(folder / "history.jsonl");
  const std::string name = folder.lexically_relative(root.path()).string();
  root.write(name + "/history.jsonl", line + line.substr(0, 30));
  EXPECT_EQ(look({root.path()}).begun.at(0).done, 0.5);
  EXPECT_THAT(look({root.path()}).begun.at(0).broken, IsEmpty());
  root.write(name + "/history.jsonl", "rubbish\n");
  EXPECT_THAT(to_text(look({root.path()})), HasSubstr("(unreadable: line 1 of history.jsonl"));
  root.write(name + "/history.jsonl", line);
  root.write(name + "/trial.yaml", "rubbish: [");
  EXPECT_THAT(to_text(look({root.path()})), HasSubstr("(unreadable: "));
  root.write(name + "/summary.json", "{\"schema\": 1,");
  root.write("demo/suite.json", "{");
  const SuiteProgress p = look({root.path()});
  EXPECT_THAT(p.broken, SizeIs(2));
  EXPECT_THAT(to_text(p), HasSubstr("  broken  "));
  EXPECT_THROW(look({root / "nowhere"}), Error);
}

TEST(Watch, AFolderOfSomethingElseIsAnError) {
  const TemporaryFolder root;
  EXPECT_THROW(look({root.path()}), Error);
  root.write("notes.txt", "not a record");
  EXPECT_THROW(look({root.path()}), Error);
  EXPECT_THROW(look({root / "notes.txt"}), Error);
}

TEST(Watch, AnInterruptedTrialIsNotDone) {
  const TemporaryFolder root;
  write_suite(root);
  test::write_record(root.path(),
                     test::failed_record("sgd", 1, "aaaaaaa1", Status::interrupted, 7, "stopped"));
  const SuiteProgress p = look({root.path()});
  EXPECT_EQ(p.finished(), 0U);
  EXPECT_EQ(p.waiting, 5U);
}

TEST(Watch, ManyLinesAreCutShort) {
  SuiteProgress p;
  p.suites = {"demo"};
  p.failed.resize(5, {"a", "b"});
  EXPECT_THAT(to_text(p, 2), HasSubstr("  failed  a  b\n  failed  a  b\n          and 3 more\n"));
  EXPECT_THAT(to_text(p, 5), Not(HasSubstr("more")));
}

// Before the first trial of a suite that tunes there is work all the same.
TEST(Watch, CountsTrialsThatOnlyChooseSettings) {
  const TemporaryFolder root;
  write_suite(root);
  const auto folder = root / "demo/tuning/cifar10/cnn3/sgd@learning_rate=0.1/seed-101-aaaaaaa3";
  records::RecordWriter writer(folder);
  writer.write_trial(suite::write_trial(test::some_settings("sgd", 101)));
  const SuiteProgress progress = look({root / "demo"});
  EXPECT_EQ(progress.tuning, 1U);
  EXPECT_EQ(progress.begun.size(), 0U);
  EXPECT_EQ(to_text(progress),
            "demo: 0 of 5 done, 0 begun, 5 waiting; tuning: 0 finished, 1 begun\n");
}

}  // namespace
}  // namespace gapbench::watch
