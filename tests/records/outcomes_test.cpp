#include "records/outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "gapbench/random.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using test::TemporaryFolder;
using ::testing::HasSubstr;
using ::testing::Not;

bool equal(const Outcomes& a, const Outcomes& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.label == y.label && x.predicted == y.predicted && x.probability == y.probability;
  });
}

template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

const Outcomes two = {{0, 1, 0.5F}, {2, 2, 1.0F}};
const std::string two_bytes =
    std::string("gapbench-outcomes 1 2 1\n") + std::string("\0\2\1\2\0\0\0\x3f\0\0\x80\x3f", 12);

Record written(const std::filesystem::path& root) {
  const Record planned = test::some_record("sgd", 1, "aaaaaaa1");
  RecordWriter writer(root / planned.folder);
  writer.write_outcomes(two);
  writer.finish(planned);
  return read_record(root / planned.folder);
}

TEST(Outcomes, LieAsDocumented) {
  EXPECT_EQ(outcomes_bytes(two), two_bytes);
  EXPECT_TRUE(equal(parse_outcomes(two_bytes), two));
}

TEST(Outcomes, TakeTwoBytesAClassPast255) {
  const Outcomes wide = {{255, 256, 0.25F}, {3, 3, 0.75F}};
  const std::string bytes = outcomes_bytes(wide);
  EXPECT_EQ(bytes.substr(0, 32), std::string("gapbench-outcomes 1 2 2\n\xff\0\3\0\0\1\3\0", 32));
  EXPECT_TRUE(equal(parse_outcomes(bytes), wide));
  EXPECT_EQ(outcomes_bytes(Outcomes{{255, 255, 1.0F}}).size(), 24U + 2 + 4);
}

TEST(Outcomes, OfAnotherFormAreRefused) {
  EXPECT_THROW(parse_outcomes(""), Error);
  EXPECT_THROW(parse_outcomes("gapbench-outcomes 2 2 1\n" + two_bytes.substr(24)), Error);
  EXPECT_THROW(parse_outcomes("gapbench-outcomes 1 2 3\n" + two_bytes.substr(24)), Error);
  EXPECT_THROW(parse_outcomes("gapbench-outcomes 1 -2 1\n" + two_bytes.substr(24)), Error);
  EXPECT_THROW(parse_outcomes("gapbench-outcomes 1 99999999999999999999 1\n"), Error);
  for (const std::string& bytes : {two_bytes + "x", two_bytes.substr(0, two_bytes.size() - 1)}) {
    EXPECT_THAT(error_of([&] { parse_outcomes(bytes); }), HasSubstr("2 examples of 6 bytes"));
  }
}

TEST(Outcomes, AreNotedInTheSummaryAndHeldToIt) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  ASSERT_EQ(record.files.size(), 1U);
  EXPECT_TRUE(equal(read_outcomes(record), two));
  std::string other = two_bytes;
  other[26] = '\0';  // the first prediction is right now
  write_file_atomically(record.folder / outcomes_file, other);
  EXPECT_THAT(error_of([&] { read_outcomes(record); }),
              HasSubstr("outcomes.bin: is not the one that summary.json was written with"));
  std::filesystem::remove(record.folder / outcomes_file);
  EXPECT_THAT(error_of([&] { read_outcomes(record); }), HasSubstr("outcomes.bin"));
}

TEST(Outcomes, ASummaryNamesFilesOfItsOwnFolder) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  std::string text = read_file(record.folder / "summary.json");
  text.replace(text.find("outcomes.bin"), 0, "../");
  write_file_atomically(record.folder / "summary.json", text);
  EXPECT_THAT(error_of([&] { read_record(record.folder); }), HasSubstr("must be a file's name"));
}

TEST(Outcomes, AreNotNeeded) {
  const TemporaryFolder results;
  const auto folder = test::write_record(results.path(), test::some_record("sgd", 1, "aaaaaaa1"));
  EXPECT_THAT(read_file(folder / "summary.json"), Not(HasSubstr("files")));
  EXPECT_THAT(error_of([&] { read_outcomes(read_record(folder)); }),
              HasSubstr("was not kept by this trial"));
}

TEST(Outcomes, AnyChangedByteIsFound) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  for (std::size_t i = 0; i < two_bytes.size(); ++i) {
    std::string other = two_bytes;
    other[i] = static_cast<char>(other[i] ^ (1 << i % 8));
    write_file_atomically(record.folder / outcomes_file, other);
    EXPECT_THROW(read_outcomes(record), Error) << i;
  }
}

// Without the hash to help: whatever the bytes, an Error or outcomes that could have been written.
TEST(Outcomes, RandomBytesAreRefusedOrWhole) {
  Random random(5);
  std::size_t refused = 0;
  for (int trial = 0; trial < 5000; ++trial) {
    std::string bytes = two_bytes.substr(0, 20 + random.below(two_bytes.size() - 19));
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    }
    try {
      const Outcomes outcomes = parse_outcomes(bytes);
      EXPECT_EQ(parse_outcomes(outcomes_bytes(outcomes)).size(), outcomes.size());
      for (const auto& o : outcomes) EXPECT_TRUE(o.probability >= 0 && o.probability <= 1);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 2500U);
}

TEST(Outcomes, ATrialThatDidNotEndWellHasNone) {
  const TemporaryFolder results;
  const Record planned =
      test::failed_record("sgd", 1, "aaaaaaa1", train::Status::error, 5, "a probe gave up");
  RecordWriter writer(results.path() / planned.folder);
  writer.write_outcomes(two);
  writer.finish(planned);
  EXPECT_FALSE(std::filesystem::exists(results.path() / planned.folder / outcomes_file));
  EXPECT_TRUE(read_record(results.path() / planned.folder).files.empty());
}

// An earlier attempt's must not be taken for those of the next one.
TEST(Outcomes, GoWithTheAttempt) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  write_file_atomically(record.folder / checkpoint_file, "where it goes on");
  const RecordWriter goes_on(record.folder, Earlier::keep_checkpointed);
  EXPECT_TRUE(std::filesystem::exists(record.folder / checkpoint_file));
  EXPECT_FALSE(std::filesystem::exists(record.folder / outcomes_file));
  write_file_atomically(record.folder / outcomes_file, two_bytes);
  const RecordWriter again(record.folder);
  EXPECT_FALSE(std::filesystem::exists(record.folder / outcomes_file));
}

}  // namespace
}  // namespace gapbench::records
