#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

void write_two(const std::filesystem::path& folder) {
  RecordWriter writer(folder);
  train::Evaluation e = *test::some_record("sgd", 1, "aaaaaaa1").outcome.final;
  e.probes = {{"p", "m", 0.1, "1/nat"}};
  writer.append(e);
  e.step = 200;
  e.objective = 0.3;
  writer.append(e);
}

TEST(History, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  write_two(folder.path());
  const History history = read_history(folder.path());
  EXPECT_EQ(history.broken, "");
  ASSERT_THAT(history.evaluations, SizeIs(2));
  const train::Evaluation& e = history.evaluations[1];
  EXPECT_EQ(e.step, 200U);
  EXPECT_EQ(e.objective, 0.3);
  EXPECT_EQ(e.train.loss, 0.5);
  EXPECT_EQ(e.test->accuracy, 0.5);
  EXPECT_EQ(e.cost.gradient_samples(), 100000);
  EXPECT_EQ(e.cost.train.wall_seconds, 2);
  EXPECT_EQ(e.cost.peak_memory_bytes, 100U * 1024 * 1024);
  ASSERT_THAT(e.probes, SizeIs(1));
  EXPECT_EQ(e.probes[0].value, 0.1);
}

TEST(History, ALineThatIsBeingWrittenIsNoDamage) {
  const test::TemporaryFolder folder;
  write_two(folder.path());
  const std::string lines = read_file(folder.path() / "history.jsonl");
  folder.write("history.jsonl", lines.substr(0, lines.size() - 5));
  const History history = read_history(folder.path());
  EXPECT_EQ(history.broken, "");
  EXPECT_THAT(history.evaluations, SizeIs(1));
}

TEST(History, TheLastLineIsFoundFromTheEnd) {
  const test::TemporaryFolder folder;
  const auto last = [&](const std::string& text) {
    folder.write("lines", text);
    return last_whole_line(folder / "lines");
  };
  EXPECT_EQ(last(""), "");
  EXPECT_EQ(last("a"), "");  // it is being written
  EXPECT_EQ(last("a\n"), "a");
  EXPECT_EQ(last("a\nb\nc"), "b");
  EXPECT_EQ(last("a\n\n"), "");
  const std::string longer(10000, 'x');
  EXPECT_EQ(last(longer + "\n"), longer);
  EXPECT_EQ(last("a\n" + longer + "\n" + longer), longer);
}

TEST(History, DamageIsNamedAndWhatStandsBeforeItIsKept) {
  const test::TemporaryFolder folder;
  write_two(folder.path());
  const std::string lines = read_file(folder.path() / "timing.jsonl");
  folder.write("timing.jsonl", lines.substr(0, lines.find('\n') + 1) + "[]\n");
  History history = read_history(folder.path());
  EXPECT_THAT(history.broken, HasSubstr("line 2 of history.jsonl and timing.jsonl: timing.jsonl: "
                                        "is not a JSON object"));
  EXPECT_THAT(history.evaluations, SizeIs(1));
  folder.write("timing.jsonl", lines.substr(lines.find('\n') + 1) + lines);
  history = read_history(folder.path());
  EXPECT_THAT(history.broken, HasSubstr("line 1"));
  EXPECT_THAT(history.broken, HasSubstr("is not of the same step"));
  std::filesystem::remove(folder.path() / "timing.jsonl");
  EXPECT_THAT(read_history(folder.path()).broken, HasSubstr("timing.jsonl"));
}

}  // namespace
}  // namespace gapbench::records
