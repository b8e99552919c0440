#include "records/predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/records.h"

namespace gapbench::records {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

const std::vector<float> three_of_two = {0.25F, 0.75F, 1, 0, 0.5F, 0.5F};

Record written(const std::filesystem::path& root, const std::vector<float>& p,
               std::size_t examples = 3) {
  Record planned = test::some_record("sgd", 1, "aaaaaaa1");
  planned.outcome.final->predictive.emplace().test.emplace().examples = examples;
  RecordWriter writer(root / planned.folder);
  writer.write_predictions(p);
  writer.finish(planned);
  return read_record(root / planned.folder);
}

std::string error_of(const Record& record) {
  try {
    read_predictions(record);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

TEST(KeptPredictions, ComeBack) {
  const TemporaryFolder root;
  const Predictions p = read_predictions(written(root.path(), three_of_two));
  EXPECT_EQ(p.classes, 2U);
  EXPECT_EQ(p.examples(), 3U);
  EXPECT_THAT(p.probabilities, ElementsAreArray(three_of_two));
}

TEST(KeptPredictions, LieAsDocumented) {
  const TemporaryFolder root;
  const Record record = written(root.path(), {0.5F, 0.5F}, 1);
  EXPECT_EQ(read_file(record.folder / "predictions.f32"), std::string("\0\0\0\x3f\0\0\0\x3f", 8));
}

TEST(KeptPredictions, WhatIsNoneIsRefusedWithTheFile) {
  const auto refused = [](const std::vector<float>& p, std::size_t examples) {
    const TemporaryFolder root;
    return error_of(written(root.path(), p, examples));
  };
  EXPECT_THAT(refused(three_of_two, 4),
              HasSubstr("predictions.f32: has 24 bytes, which are no probabilities of 4 test"));
  EXPECT_THAT(refused({}, 4), HasSubstr("has 0 bytes"));
  EXPECT_THAT(refused(three_of_two, 0), HasSubstr("no probabilities of 0 test examples"));
  EXPECT_THAT(refused({0.25F, 0.75F, -0.5F, 1.5F}, 2), HasSubstr("example 1 has the probability"));
  EXPECT_THAT(refused({0.25F, 0.75F, NAN, 1}, 2), HasSubstr("example 1 has the probability nan"));
  EXPECT_THAT(refused({0.25F, 0.5F, 0.5F, 0.5F}, 2),
              HasSubstr("the probabilities of example 0 sum to 0.75"));
}

TEST(KeptPredictions, AnotherFileAndNoneAreNamed) {
  const TemporaryFolder root;
  const Record record = written(root.path(), three_of_two);
  root.write(record.folder.lexically_relative(root.path()).string() + "/predictions.f32", "abcd");
  EXPECT_THAT(error_of(record), HasSubstr("is not the one that summary.json was written with"));
  Record without = record;
  without.files.clear();
  EXPECT_THAT(error_of(without), HasSubstr("record: {predictions: true} in its suite keeps it"));
}

}  // namespace
}  // namespace gapbench::records
