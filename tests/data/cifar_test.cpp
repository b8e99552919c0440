// CIFAR files: exact pixels, prefixes, and everything that can be wrong with a file.
#include <gmock/gmock.h>

#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Cifar10 : public ::testing::Test {
 protected:
  Cifar10() {
    // Channel means over the two training records 2, 20, 200; deviations 1, 10, 0.
    write(file("data_batch_1.bin"), flat_record(3, 1, 10, 200) + flat_record(7, 3, 30, 200));
    write(file("test_batch.bin"), flat_record(9, 5, 0, 201));
  }
  fs::path file(const std::string& name) const {
    return scratch.path() / "cifar-10-batches-bin" / name;
  }
  std::unique_ptr<const Data> load_it() const { return load(request("cifar10", scratch.path())); }

  test::TemporaryFolder scratch;
};

TEST_F(Cifar10, TwoRecordsByHand) {
  const auto data = load_it();
  EXPECT_EQ(data->description().classes, 10U);
  EXPECT_EQ(data->description().shape.size(), 3072U);
  ASSERT_EQ(data->examples(Part::train), 2U);
  const Gathered g = gather_all(*data, Part::train);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(g.labels[i] == 3 || g.labels[i] == 7);
    const float expected = g.labels[i] == 3 ? -1.0F : 1.0F;
    for (std::size_t p = 0; p < 1024; ++p) {
      ASSERT_EQ(g.inputs[i * 3072 + 3 * p + 0], expected);
      ASSERT_EQ(g.inputs[i * 3072 + 3 * p + 1], expected);
      ASSERT_EQ(g.inputs[i * 3072 + 3 * p + 2], 0.0F);  // constant channel: centred only
    }
  }
  EXPECT_NE(g.labels[0], g.labels[1]);
}

TEST_F(Cifar10, TestPartIsNormalizedLikeTheTrainingPart) {
  const Gathered g = gather_all(*load_it(), Part::test);
  EXPECT_THAT(g.labels, ElementsAre(9));
  EXPECT_EQ(g.inputs[0], 3.0F);   // (5 - 2) / 1
  EXPECT_EQ(g.inputs[1], -2.0F);  // (0 - 20) / 10
  EXPECT_EQ(g.inputs[2], 1.0F);   // 201 - 200
}

TEST_F(Cifar10, PlanarRowsBecomeChannelsLast) {
  write(file("test_batch.bin"), cifar_record(std::string(1, '\0'), [](int c, int y, int x) {
          return c == 2 ? 200 : (5 * y + 3 * x + c) % 256;
        }));
  const Gathered g = gather_all(*load_it(), Part::test);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      const auto at = static_cast<std::size_t>((y * 32 + x) * 3);
      ASSERT_EQ(g.inputs[at], static_cast<float>((5 * y + 3 * x) % 256 - 2));
      ASSERT_EQ(g.inputs[at + 1], static_cast<float>(((5 * y + 3 * x + 1) % 256 - 20) / 10.0));
    }
  }
}

TEST_F(Cifar10, APrefixIsAcceptedAndReported) {
  EXPECT_THAT(load_it()->description().notes,
              ElementsAre("cifar10: partial: 2 of 50000 training records",
                          "cifar10: partial: 1 of 10000 test records"));
}

TEST_F(Cifar10, ACutFileMayBeFollowedByOthers) {
  write(file("data_batch_3.bin"), flat_record(1, 0, 0, 0));
  EXPECT_EQ(load_it()->examples(Part::train), 3U);
}

TEST_F(Cifar10, ChecksumFollowsTheContents) {
  const std::string before = load_it()->description().checksum;
  EXPECT_EQ(before, checksum(request("cifar10", scratch.path())));
  EXPECT_EQ(before.size(), 64U);
  write(file("test_batch.bin"), flat_record(8, 5, 0, 201));
  EXPECT_NE(before, checksum(request("cifar10", scratch.path())));
}

TEST_F(Cifar10, TruncatedInsideARecord) {
  std::string bytes = flat_record(3, 1, 10, 200) + flat_record(7, 3, 30, 200);
  bytes.pop_back();
  write(file("data_batch_1.bin"), bytes);
  EXPECT_THAT(error_of([&] { load_it(); }),
              AllOf(HasSubstr("data_batch_1.bin: truncated: 6145 bytes, cut inside record 1"),
                    HasSubstr("3073")));
}

TEST_F(Cifar10, EmptyFile) {
  write(file("test_batch.bin"), "");
  EXPECT_THAT(error_of([&] { load_it(); }), HasSubstr("test_batch.bin: is empty"));
}

TEST_F(Cifar10, TooManyRecords) {
  fs::resize_file(file("data_batch_1.bin"), 10001 * 3073);
  EXPECT_THAT(error_of([&] { load_it(); }), HasSubstr("30733073 bytes, at most 30730000"));
}

TEST_F(Cifar10, WholeButNotThePublishedFile) {
  fs::resize_file(file("test_batch.bin"), 10000 * 3073);
  EXPECT_THAT(load_it()->description().notes,
              ElementsAre(HasSubstr("training records"),
                          "cifar10: test_batch.bin is not the published file"));
}

TEST_F(Cifar10, AMissingFileAfterAWholeOneIsMissing) {
  fs::resize_file(file("data_batch_1.bin"), 10000 * 3073);
  EXPECT_THAT(error_of([&] { load_it(); }), HasSubstr("data_batch_2.bin: is missing"));
}

TEST_F(Cifar10, LabelOutOfRange) {
  write(file("data_batch_1.bin"), flat_record(3, 1, 10, 200) + flat_record(10, 3, 30, 200));
  EXPECT_THAT(
      error_of([&] { load_it(); }),
      HasSubstr("data_batch_1.bin: record 1 (from 0): label 10 out of range, must be 0 to 9"));
}

TEST_F(Cifar10, MissingNamesThePathAndTheCommand) {
  const test::TemporaryFolder empty;
  const std::string message = error_of([&] { load(request("cifar10", empty.path())); });
  EXPECT_THAT(message,
              HasSubstr((empty.path() / "cifar-10-batches-bin/data_batch_1.bin").string()));
  EXPECT_THAT(message, HasSubstr("gapbench data fetch cifar10 --data " + empty.path().string()));
}

TEST_F(Cifar10, AFolderInPlaceOfAFileIsMissing) {
  fs::remove(file("test_batch.bin"));
  fs::create_directory(file("test_batch.bin"));
  EXPECT_THAT(error_of([&] { load_it(); }), HasSubstr("test_batch.bin: is missing"));
}

std::string record100(int coarse, int fine, int value) {
  return cifar_record({static_cast<char>(coarse), static_cast<char>(fine)},
                      [=](int, int, int) { return value; });
}

TEST(Cifar100, FineAndCoarseLabels) {
  const test::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "cifar-100-binary";
  write(folder / "train.bin", record100(19, 99, 4) + record100(0, 1, 8));
  write(folder / "test.bin", record100(11, 42, 6));
  const auto fine = load(request("cifar100", scratch.path()));
  EXPECT_EQ(fine->description().classes, 100U);
  EXPECT_THAT(gather_all(*fine, Part::test).labels, ElementsAre(42));
  EXPECT_EQ(gather_all(*fine, Part::test).inputs[0], 0.0F);  // (6 - 6) / 2
  const auto coarse =
      load(request("cifar100", scratch.path(), {{"labels", std::string("coarse")}}));
  EXPECT_EQ(coarse->description().classes, 20U);
  EXPECT_THAT(gather_all(*coarse, Part::test).labels, ElementsAre(11));
  EXPECT_THAT(gather_all(*coarse, Part::train).labels, ::testing::UnorderedElementsAre(19, 0));
}

TEST(Cifar100, BothLabelsAreChecked) {
  const test::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "cifar-100-binary";
  write(folder / "test.bin", record100(0, 0, 0));
  write(folder / "train.bin", record100(20, 0, 0));
  EXPECT_THAT(error_of([&] { load(request("cifar100", scratch.path())); }),
              HasSubstr("record 0 (from 0): coarse label 20 out of range, must be 0 to 19"));
  write(folder / "train.bin", record100(0, 0, 0) + record100(0, 100, 0));
  EXPECT_THAT(error_of([&] { load(request("cifar100", scratch.path())); }),
              HasSubstr("record 1 (from 0): fine label 100 out of range, must be 0 to 99"));
}

}  // namespace
}  // namespace gapbench::data
