#include "records/record_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using test::some_record;
using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::Not;

train::Evaluation some_evaluation(std::uint64_t step, double seconds) {
  train::Evaluation e;
  e.step = step;
  e.epoch = 0.5;
  e.train = {0.25, 0.75, 4};
  e.test = train::PartMetrics{0.5, 0.5, 2};
  e.objective = 0.125;
  e.probes = {{"gradient_norm", "mean", 2, "1"}};
  e.cost.train_passes = {8, 8, 0, 0, 1024};
  e.cost.train = e.cost.total = {seconds, 2 * seconds};
  e.cost.peak_memory_bytes = 4096;
  return e;
}

TEST(RecordWriter, HistoryHoldsMetricsAndWorkOnly) {
  const TemporaryFolder folder;
  RecordWriter(folder.path()).append(some_evaluation(3, 1.5));
  EXPECT_EQ(read_file(folder / "history.jsonl"),
            R"({"schema":1,"step":3,"epoch":0.5,"schedule":1.0,"objective":0.125,)"
            R"("train":{"examples":4,"loss":0.25,"accuracy":0.75,"error":0.25},)"
            R"("test":{"examples":2,"loss":0.5,"accuracy":0.5,"error":0.5},)"
            R"("gaps":{"loss":0.25,"error":0.25},)"
            R"("probes":[{"probe":"gradient_norm","metric":"mean","value":2.0,"unit":"1"}],)"
            R"("train_passes":{"forward_samples":8.0,"backward_samples":8.0,)"
            R"("tangent_forward_samples":0.0,"tangent_backward_samples":0.0,"flops":1024.0},)"
            R"("probe_passes":{"forward_samples":0.0,"backward_samples":0.0,)"
            R"("tangent_forward_samples":0.0,"tangent_backward_samples":0.0,"flops":0.0}})"
            "\n");
}

TEST(RecordWriter, TimingHoldsTheSeconds) {
  const TemporaryFolder folder;
  RecordWriter(folder.path()).append(some_evaluation(3, 1.5));
  const std::string zero = R"({"wall_seconds":0.0,"cpu_seconds":0.0})";
  const std::string time = R"({"wall_seconds":1.5,"cpu_seconds":3.0})";
  EXPECT_EQ(read_file(folder / "timing.jsonl"),
            R"({"schema":1,"step":3,"train":)" + time + R"(,"evaluate":)" + zero + R"(,"probe":)" +
                zero + R"(,"checkpoint":)" + zero + R"(,"other":)" + zero + R"(,"total":)" + time +
                R"(,"peak_memory_bytes":4096})" + "\n");
}

TEST(RecordWriter, HistoryIsTheSameHoweverLongItTook) {
  const TemporaryFolder folder;
  RecordWriter(folder / "a").append(some_evaluation(3, 1.5));
  RecordWriter(folder / "b").append(some_evaluation(3, 99));
  EXPECT_EQ(read_file(folder / "a/history.jsonl"), read_file(folder / "b/history.jsonl"));
  EXPECT_NE(read_file(folder / "a/timing.jsonl"), read_file(folder / "b/timing.jsonl"));
}

TEST(RecordWriter, EveryLineIsOnDiskAtOnce) {
  const TemporaryFolder folder;
  RecordWriter writer(folder.path());
  for (std::uint64_t step = 0; step < 3; ++step) {
    writer.append(some_evaluation(step, 1));
    const std::string text = read_file(folder / "history.jsonl");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), static_cast<long>(step) + 1);
  }
}

TEST(RecordWriter, ASecondAttemptStartsFromEmpty) {
  const TemporaryFolder folder;
  {
    RecordWriter writer(folder.path());
    writer.write_trial("seed: 1\n");
    writer.write_environment({{"schema", 1}});
    writer.append(some_evaluation(0, 1));
    writer.append(some_evaluation(9, 1));
    writer.finish(some_record("sgd", 1, "aaaaaaaa"));
  }
  folder.write("summary.json.part.77", "{");
  folder.write("mine.txt", "keep");
  RecordWriter writer(folder.path());
  for (const char* name : {"summary.json", "environment.json", "history.jsonl", "timing.jsonl",
                           "summary.json.part.77"}) {
    EXPECT_FALSE(std::filesystem::exists(folder / name)) << name;
  }
  EXPECT_EQ(read_file(folder / "trial.yaml"), "seed: 1\n");
  EXPECT_EQ(read_file(folder / "mine.txt"), "keep");
  writer.append(some_evaluation(1, 1));
  const std::string text = read_file(folder / "history.jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_THAT(text, HasSubstr("\"step\":1,"));
}

TEST(RecordWriter, APlaceThatCannotBeWrittenIsAnError) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  EXPECT_THROW(RecordWriter(folder / "file/below"), Error);
  RecordWriter writer(folder / "record");
  std::filesystem::remove_all(folder / "record");
  EXPECT_THROW(writer.append(some_evaluation(0, 1)), Error);
  EXPECT_THROW(writer.finish(some_record("sgd", 1, "aaaaaaaa")), Error);
}

TEST(RecordWriter, AFullDiskIsAnError) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "timing.jsonl");
  RecordWriter writer(folder.path());  // clears the link ...
  std::filesystem::create_symlink("/dev/full", folder / "history.jsonl");
  try {
    writer.append(some_evaluation(0, 1));
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("history.jsonl: cannot be written: No space left"));
  }
}

}  // namespace
}  // namespace gapbench::records
