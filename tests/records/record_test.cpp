#include "records/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"
#include "records/suite_note.h"

namespace gapbench::records {
namespace {

using test::failed_record;
using test::identity_of;
using test::some_record;
using test::TemporaryFolder;
using test::write_record;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Record, ReadsBackWhatWasWritten) {
  const TemporaryFolder results;
  Record r = some_record("sgd", 7, "0123abcd", 0.1 + 0.2, 1.0 / 3);
  r.outcome.final->validation = train::PartMetrics{0.625, 0.25, 5000};
  r.outcome.final->objective = 0.1;
  r.outcome.final->schedule = 1e-300;
  r.outcome.final->probes = {{"gradient_norm", "mean", 2.5, "1/nat"}};
  r.outcome.cost.probe_passes = {1, 2, 3, 4, 5};
  r.outcome.notes = {"synthetic", "ä \"quoted\"\n"};
  r.settings["optimizer.name_with_default"] = 1.0;  // a real that looks whole stays real
  r.shared_machine = true;
  const Record back = read_record(write_record(results.path(), r));

  EXPECT_EQ(back.folder, results.path() / r.folder);
  EXPECT_EQ(back.identity, r.identity);
  EXPECT_EQ(back.suite, "demo");
  EXPECT_EQ(back.dataset, "cifar10");
  EXPECT_EQ(back.network, "cnn3");
  EXPECT_EQ(back.method, "sgd");
  EXPECT_EQ(back.seed, 7U);
  EXPECT_EQ(back.settings, r.settings);
  EXPECT_EQ(back.build, r.build);
  EXPECT_EQ(back.plugins, r.plugins);
  EXPECT_EQ(back.threads, 1U);
  EXPECT_TRUE(back.shared_machine);
  EXPECT_EQ(back.outcome.status, train::Status::ok);
  EXPECT_EQ(back.outcome.step, 100U);
  EXPECT_EQ(back.outcome.steps, 100U);
  EXPECT_EQ(back.outcome.dimension, 54282U);
  EXPECT_EQ(back.outcome.training_examples, 50000U);
  EXPECT_EQ(back.outcome.notes, r.outcome.notes);
  ASSERT_TRUE(back.outcome.final);
  const train::Evaluation& final = *back.outcome.final;
  EXPECT_EQ(final.epoch, 2);
  EXPECT_EQ(final.schedule, 1e-300);
  EXPECT_EQ(final.objective, 0.1);
  EXPECT_EQ(final.train.accuracy, 0.1 + 0.2);
  EXPECT_EQ(final.train.examples, 50000U);
  EXPECT_EQ(final.validation->loss, 0.625);
  EXPECT_EQ(final.test->accuracy, 1.0 / 3);
  ASSERT_EQ(final.probes.size(), 1U);
  EXPECT_EQ(final.probes[0].value, 2.5);
  EXPECT_EQ(final.probes[0].unit, "1/nat");
  const train::Cost& cost = back.outcome.cost;
  EXPECT_EQ(cost.train.wall_seconds, 2);
  EXPECT_EQ(cost.evaluate.cpu_seconds, 1);
  EXPECT_EQ(cost.other.wall_seconds, 0.5);
  EXPECT_EQ(cost.total.wall_seconds, 3.5);
  EXPECT_EQ(cost.train_passes.flops, 1.5e12);
  EXPECT_EQ(cost.gradient_samples(), 100000);
  EXPECT_EQ(cost.probe_passes.tangent_backward, 4);
  EXPECT_EQ(cost.peak_memory_bytes, 104857600U);
}

TEST(Record, NumbersThatAreNotFiniteBecomeNullAndReadBackAsNaN) {
  const TemporaryFolder results;
  Record r = some_record("sgd", 1, "aaaaaaaa");
  r.outcome.status = train::Status::diverged;
  r.outcome.final->train.loss = std::numeric_limits<double>::infinity();
  const auto folder = write_record(results.path(), r);
  EXPECT_THAT(read_file(folder / "summary.json"), HasSubstr("\"loss\": null"));
  EXPECT_TRUE(std::isnan(read_record(folder).outcome.final->train.loss));
}

TEST(Record, TextThatIsNotUtf8DoesNotCostTheRecord) {
  const TemporaryFolder results;
  const Record r = failed_record("sgd", 1, "aaaaaaaa", train::Status::error, 3, "bad \xff byte");
  EXPECT_EQ(read_record(write_record(results.path(), r)).outcome.reason, "bad \xEF\xBF\xBD byte");
}

TEST(Record, ErrorAndGapsAreWrittenForReaders) {
  const TemporaryFolder results;
  const auto folder = write_record(results.path(), some_record("sgd", 1, "aaaaaaaa", 0.75, 0.5));
  const Json json = Json::parse(read_file(folder / "summary.json"));
  EXPECT_EQ(json["final"]["train"]["error"], 0.25);
  EXPECT_EQ(json["final"]["test"]["error"], 0.5);
  EXPECT_EQ(json["final"]["gaps"]["error"], 0.25);
  EXPECT_EQ(json["final"]["gaps"]["loss"], 0.25);
  EXPECT_EQ(json["schema"], record_schema);
}

/// Replaces one piece of a good summary; the reason must name what is wrong.
void expect_broken(const std::string& from, const std::string& to, const std::string& reason) {
  SCOPED_TRACE(from + " -> " + to);
  const TemporaryFolder results;
  write_record(results.path(), some_record("adam", 1, "bbbbbbbb"));
  const auto folder = write_record(results.path(), some_record("sgd", 1, "aaaaaaaa"));
  std::string text = read_file(folder / "summary.json");
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, from.size(), to);
  results.write((folder / "summary.json").lexically_relative(results.path()).string(), text);
  const Records records = read_records({results.path()});
  ASSERT_EQ(records.good.size(), 1U);
  EXPECT_EQ(records.good[0].method, "adam");
  ASSERT_EQ(records.broken.size(), 1U);
  EXPECT_EQ(records.broken[0].folder, folder);
  EXPECT_THAT(records.broken[0].reason, StartsWith("summary.json: "));
  EXPECT_THAT(records.broken[0].reason, HasSubstr(reason));
  EXPECT_THAT(records.broken[0].reason, Not(HasSubstr("summary.json: summary.json")));
}

TEST(Record, DamagedSummariesAreBrokenWithTheKeyAndNeverACrash) {
  expect_broken("\"schema\": 1", "\"schema\": 2", "schema: is 2, this gapbench reads 1");
  expect_broken("\"schema\": 1", "\"schema\": \"one\"", "schema: must be a whole number");
  expect_broken("\"seed\": 1", "\"seed\": -1", "seed: must be a whole number");
  expect_broken("\"seed\": 1", "\"seed\": 2", "belongs to seed-2-aaaaaaaa");
  expect_broken("\"aaaaaaaa0", "\"aaaaaaab0", "belongs to seed-1-aaaaaaab");
  expect_broken("\"aaaaaaaa0", "\"xaaaaaaa0", "identity: must be 64 hexadecimal digits");
  expect_broken("\"aaaaaaaa0", "\"aaaaaaaa", "identity: must be 64 hexadecimal digits");
  expect_broken("\"ok\"", "\"fine\"", "status: unknown: \"fine\"");
  expect_broken("\"final\"", "\"finale\"", "final: is missing");
  expect_broken("\"wall_seconds\": 2.0", "\"wall_seconds\": []", "wall_seconds: must be a number");
  expect_broken("\"notes\": []", "\"notes\": [1]", "notes: must be a list of texts");
  expect_broken("\"notes\": []", "\"notes\": 3", "notes: must be a list of texts");
  expect_broken("\"batch\": 64", "\"batch\": [64]", "settings.batch: must be");
  expect_broken("\"shared_machine\": false", "\"shared_machine\": 0", "must be true or false");
  expect_broken("{\n  \"schema\"", "[{\n  \"schema\"", "is not valid JSON");
}

TEST(Record, NumbersThatNoTrialEndsWithAreQuestioned) {
  expect_broken("\"accuracy\": 0.5,", "\"accuracy\": 2.0,", "error: is 0.5, and -1 by");
  // Nothing beside it that would give it away.
  const std::string gaps = "\n    },\n    \"gaps\": {\n      \"loss\": 0.25";
  const std::string whole =
      "\"accuracy\": 0.5,\n      \"error\": 0.5" + gaps + ",\n      \"error\": 0.25";
  expect_broken(whole, "\"accuracy\": 2.0" + gaps, "final.test.accuracy: is 2, must be 0 to 1");
  expect_broken(whole, "\"accuracy\": null" + gaps, "final.test.accuracy: is nan, must be 0 to 1");
  expect_broken("\"loss\": 0.5,", "\"loss\": null,", "gaps.loss: is 0.25, and nan by");
  expect_broken("\"loss\": 0.25,", "\"loss\": 0.75,", "gaps.loss: is 0.75, and 0.25 by");
  expect_broken("\"error\": 0.25\n", "\"error\": 0.75\n", "error: is 0.75, and 0.25 by");
  expect_broken("\"step\": 100,\n  \"steps\"", "\"step\": 1,\n  \"steps\"",
                "step: is 1 of 100 of a trial that is ok");
  expect_broken("\"steps\": 100", "\"steps\": 40", "step: is 100 of 40");
  expect_broken("\"step\": 100,\n    \"epoch\"", "\"step\": 99,\n    \"epoch\"",
                "final.step: is 99, and the trial is ok at step 100");
  expect_broken("\"wall_seconds\": 2.0", "\"wall_seconds\": -2.0",
                "cost.train.wall_seconds: is -2, must be a number of 0 or more");
  expect_broken("\"flops\": 1500000000000.0", "\"flops\": null", "cost.train_passes.flops: is nan");
  expect_broken("\"method\": \"sgd\"", "\"method\": \"adam\"",
                "method: is adam, and the folder's sgd");
  expect_broken("\"dataset\": \"cifar10\"", "\"dataset\": \"mnist\"",
                "dataset: is mnist, and the folder's cifar10");
}

TEST(Record, AHistoryThatLostItsTailIsNoticed) {
  const TemporaryFolder results;
  const Record r = some_record("sgd", 1, "aaaaaaaa");
  const auto folder = results.path() / r.folder;
  RecordWriter writer(folder);
  train::Evaluation first = *r.outcome.final;
  first.step = 50;
  writer.append(first);
  writer.append(*r.outcome.final);
  writer.finish(r);
  EXPECT_EQ(read_history(folder).broken, "");
  const std::string whole = read_file(folder / "history.jsonl");
  write_file_atomically(folder / "history.jsonl", whole.substr(0, whole.size() - 5));
  EXPECT_EQ(read_history(folder).broken,
            "history.jsonl ends at step 50, and summary.json at step 100: its tail is lost");
  write_file_atomically(folder / "history.jsonl", "");
  EXPECT_THAT(read_history(folder).broken, HasSubstr("its tail is lost"));
  EXPECT_NO_THROW(read_record(folder));  // the table needs the summary only

  std::string other = whole;
  other.replace(other.rfind("\"loss\":0.5"), 10, "\"loss\":0.4");
  write_file_atomically(folder / "history.jsonl", other);
  try {
    read_record(folder);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("its last line and summary.json differ in train"));
  }
}

TEST(Record, TruncatedAndForeignFilesAreBroken) {
  const TemporaryFolder results;
  const auto folder = write_record(results.path(), some_record("sgd", 1, "aaaaaaaa"));
  const std::string whole = read_file(folder / "summary.json");
  for (std::size_t length : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 3}) {
    write_file_atomically(folder / "summary.json", whole.substr(0, length));
    EXPECT_THROW(read_record(folder), Error) << length;
  }
  for (const char* text : {"null", "[]", "3", "\"x\"", "{}", "\xff\xfe\x00"}) {
    write_file_atomically(folder / "summary.json", text);
    EXPECT_THROW(read_record(folder), Error) << text;
  }
}

TEST(ReadRecords, CountsOnePlaceOnceAndListsUnfinished) {
  const TemporaryFolder results;
  write_record(results.path(), some_record("sgd", 1, "aaaaaaaa"));
  write_record(results.path(), some_record("adam", 1, "bbbbbbbb"));
  RecordWriter(results / "demo/cifar10/cnn3/sgd/seed-2-cccccccc").write_trial("x: 1\n");
  const Records records =
      read_records({results.path(), results / "demo", results / "demo/../demo/cifar10"});
  ASSERT_EQ(records.good.size(), 2U);
  EXPECT_EQ(records.good[0].method, "adam");  // sorted by folder
  EXPECT_EQ(records.good[1].method, "sgd");
  EXPECT_THAT(records.broken, IsEmpty());
  EXPECT_THAT(records.unfinished, ElementsAre(results / "demo/cifar10/cnn3/sgd/seed-2-cccccccc"));
}

// Whatever the trees are called, and in whatever order they are given.
TEST(ReadRecords, OfCopiesTheOneThatIsOkComesFirst) {
  const TemporaryFolder results;
  Record good = some_record("sgd", 1, "aaaaaaaa");
  Record failed = failed_record("sgd", 1, "aaaaaaaa", train::Status::error, 3, "no disk");
  for (const bool good_first : {true, false}) {
    const auto one = results / (good_first ? "a" : "b");
    const auto two = results / (good_first ? "b" : "a");
    write_record(one, good);
    write_record(two, failed);
    const Records records = read_records({results / "b", results / "a"});
    ASSERT_EQ(records.good.size(), 2U);
    EXPECT_EQ(records.good[0].outcome.status, train::Status::ok);
    EXPECT_EQ(records.good[0].folder, one / good.folder);
  }
}

TEST(ReadRecords, FindsTheSuiteFromBelow) {
  const TemporaryFolder results;
  const auto folder = write_record(results.path(), some_record("sgd", 1, "aaaaaaaa"));
  suite::Suite suite;
  suite.name = "demo";
  suite.description = "two methods";
  suite.baseline = "sgd";
  for (const char* method : {"sgd", "adam", "sgd"}) {
    suite.trials.push_back({test::some_settings(method, 1), "", "demo/cifar10/cnn3/x"});
  }
  suite.published = {{"cifar10", "", "sgd", "test_accuracy", 95.5, 0.25, 3, "Author 2020"}};
  write_suite_note(results / "demo", suite);
  for (const auto& root : {results.path(), results / "demo", results / "demo/cifar10", folder}) {
    const Records records = read_records({root});
    ASSERT_EQ(records.suites.size(), 1U) << root;
    EXPECT_EQ(records.suites[0].name, "demo");
    EXPECT_EQ(records.suites[0].description, "two methods");
    EXPECT_EQ(records.suites[0].baseline, "sgd");
    EXPECT_THAT(records.suites[0].methods, ElementsAre("sgd", "adam"));
    EXPECT_EQ(records.suites[0].trials.at(2), "cifar10/cnn3/x");
    ASSERT_EQ(records.suites[0].published.size(), 1U);
    EXPECT_EQ(records.suites[0].published[0].value, 95.5);
    EXPECT_EQ(records.suites[0].published[0].deviation, 0.25);
    EXPECT_EQ(records.suites[0].published[0].n, 3U);
    EXPECT_EQ(records.suites[0].published[0].source, "Author 2020");
  }
  results.write("demo/suite.json", "{");
  const Records records = read_records({results.path()});
  EXPECT_EQ(records.good.size(), 1U);
  ASSERT_EQ(records.broken.size(), 1U);
  EXPECT_EQ(records.broken[0].folder, results / "demo/suite.json");
}

// What is wrong is said without the library's own codes.
TEST(SuiteNotes, OfAnotherTypeAreRefusedInWords) {
  const TemporaryFolder results;
  results.write("suite.json", R"({"name": "demo", "trials": 3})");
  try {
    read_suite_note(results / "suite.json");
    FAIL() << "was read";
  } catch (const Error& e) {
    const std::string what = e.what();
    EXPECT_NE(what.find("cannot be read: "), what.npos) << what;
    EXPECT_EQ(what.find("json.exception"), what.npos) << what;
  }
}

// A claim is declared where nothing had been looked at when it was first written down, and stays so.
TEST(SuiteNotes, KnowWhenAClaimWasMade) {
  const TemporaryFolder results;
  std::filesystem::create_directories(results / "demo");
  suite::Suite suite;
  suite.name = "demo";
  suite.metric = "test_loss";
  suite.claims = {
      {suite::Claim::Kind::within, "adam", "test_loss", "cifar10", "", "points", 0.5, 0.25}};
  write_suite_note(results / "demo", suite);
  const std::filesystem::path trial = results / "demo/cifar10/cnn3/sgd/seed-1-aaaaaaaa";
  Record record = some_record("sgd", 1, "aaaaaaaa");
  RecordWriter writer(trial);
  writer.append(*record.outcome.final);
  suite.claims.push_back({suite::Claim::Kind::gains, "adam", "test_loss", "cifar10"});
  write_suite_note(results / "demo", suite);
  const SuiteNote note = read_suite_note(results / "demo/suite.json");
  EXPECT_EQ(note.metric, "test_loss");
  ASSERT_EQ(note.claims.size(), 2U);
  EXPECT_EQ(suite::to_text(note.claims[0].claim), suite::to_text(suite.claims[0]));
  EXPECT_EQ(note.claims[0].evaluated_before, 0U);
  EXPECT_EQ(note.claims[1].evaluated_before, 1U);
}

TEST(SuiteNotes, LooksKeepWhatWasKnownWhenTheyWereWrittenDown) {
  const TemporaryFolder results;
  std::filesystem::create_directories(results / "demo");
  suite::Suite suite;
  suite.name = "demo";
  suite.looks = {3, {5, 8}, 0.1};
  write_suite_note(results / "demo", suite);
  RecordWriter writer(results / "demo/cifar10/cnn3/sgd/seed-1-aaaaaaaa");
  writer.append(*some_record("sgd", 1, "aaaaaaaa").outcome.final);
  write_suite_note(results / "demo", suite);
  SuiteNote note = read_suite_note(results / "demo/suite.json");
  EXPECT_EQ(note.looks, suite.looks);
  EXPECT_EQ(note.evaluated_before_looks, 0U);
  suite.looks.at = {5, 6, 7, 8};
  write_suite_note(results / "demo", suite);
  note = read_suite_note(results / "demo/suite.json");
  EXPECT_EQ(note.looks, suite.looks);
  EXPECT_EQ(note.evaluated_before_looks, 1U);
}

TEST(SuiteNotes, AClaimThatWasChangedAfterwardsIsRefused) {
  const TemporaryFolder results;
  std::filesystem::create_directories(results / "demo");
  suite::Suite suite;
  suite.name = "demo";
  suite.claims = {{suite::Claim::Kind::carries, "adam", "test_accuracy", "cifar10", "cifar100"}};
  write_suite_note(results / "demo", suite);
  std::string text = read_file(results / "demo/suite.json");
  text.replace(text.find("\"share\": 0.5"), 12, "\"share\": 0.1");
  write_file_atomically(results / "demo/suite.json", text);
  try {
    read_suite_note(results / "demo/suite.json");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("a claim was changed after it was declared"));
  }
}

void expect_refused(const std::filesystem::path& root, const std::string& message) {
  try {
    read_records({root});
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.where(), root.string());
    EXPECT_THAT(e.what(), HasSubstr(message));
  }
}

TEST(ReadRecords, RefusesRootsWithoutRecords) {
  const TemporaryFolder results;
  results.write("file", "x");
  expect_refused(results / "absent", "no such folder");
  expect_refused(results / "file", "is a file");
  expect_refused(results.path(), "holds no records");
}

TEST(Inspect, EveryStatusIsFinishedButInterrupted) {
  using train::Status;
  const TemporaryFolder results;
  for (const Status status : {Status::ok, Status::diverged, Status::timeout, Status::out_of_memory,
                              Status::crashed, Status::error, Status::skipped}) {
    Record r = some_record("sgd", 1, "aaaaaaaa");
    r.outcome.status = status;
    const FolderState state = inspect(write_record(results.path(), r), r.identity);
    EXPECT_TRUE(state.finished) << train::to_text(status);
    EXPECT_EQ(state.status, status);
  }
  Record r = some_record("sgd", 1, "aaaaaaaa");
  r.outcome.status = Status::interrupted;
  r.outcome.step = 12;
  const FolderState state = inspect(write_record(results.path(), r), r.identity);
  EXPECT_FALSE(state.finished);
  EXPECT_EQ(state.why, "interrupted at step 12");
}

TEST(Inspect, SaysWhyATrialMustRun) {
  const TemporaryFolder results;
  EXPECT_EQ(inspect(results / "new", identity_of("aaaaaaaa")).why, "");
  const Record r = some_record("sgd", 1, "aaaaaaaa");
  const auto folder = write_record(results.path(), r);
  EXPECT_EQ(inspect(folder, identity_of("aaaaaaab")).why, "its settings changed");
  EXPECT_TRUE(is_finished(folder, r.identity));
  write_file_atomically(folder / "summary.json", "{");
  EXPECT_THAT(inspect(folder, r.identity).why, HasSubstr("its record is broken"));
  EXPECT_FALSE(is_finished(folder, r.identity));
  std::filesystem::remove(folder / "summary.json");
  EXPECT_EQ(inspect(folder, r.identity).why, "it was cut off before its end");
}

TEST(Inspect, ProblemsHaveNoNetwork) {
  train::TrialSettings s = test::some_settings("sgd", 1);
  s.problem = train::Choice{"linear_teacher", {{"dimension", std::int64_t{3}}}, 2};
  const Record r = planned_record(s, identity_of("aaaaaaaa"));
  EXPECT_EQ(r.dataset, "linear_teacher");
  EXPECT_EQ(r.network, "");
  EXPECT_EQ(r.settings.at("problem.dimension"), OptionValue(std::int64_t{3}));
  EXPECT_FALSE(r.settings.contains("network"));
}

}  // namespace
}  // namespace gapbench::records
