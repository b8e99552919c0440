// What verify and list say.
#include "data/verify.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "fixtures.h"

namespace gapbench::data {
namespace {

using ::testing::HasSubstr;

const FileReport& file(const Report& report, const std::string& name) {
  return *std::find_if(report.files.begin(), report.files.end(),
                       [&](const FileReport& f) { return f.path.filename() == name; });
}

Presence listed(const fs::path& root, const std::string& name) {
  for (const Listing& line : list(root)) {
    if (line.name == name) return line.presence;
  }
  ADD_FAILURE() << name << " is not listed";
  return Presence::broken;
}

class Verify : public ::testing::Test {
 protected:
  fs::path cifar(const std::string& name) const {
    return scratch.path() / "cifar-10-batches-bin" / name;
  }
  test::TemporaryFolder scratch;
};

TEST_F(Verify, NothingThere) {
  const Report report = verify("cifar10", scratch.path());
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.presence, Presence::missing);
  EXPECT_EQ(report.files.size(), 6U);
  EXPECT_EQ(report.folder, scratch.path() / "cifar-10-batches-bin");
  EXPECT_THAT(report.notes, ::testing::ElementsAre(HasSubstr("is missing")));
  EXPECT_EQ(listed(scratch.path(), "cifar10"), Presence::missing);
}

TEST_F(Verify, APrefixIsPartialAndFine) {
  write(cifar("data_batch_1.bin"), flat_record(3, 1, 2, 3) + flat_record(4, 1, 2, 3));
  write(cifar("test_batch.bin"), flat_record(3, 1, 2, 3));
  const Report report = verify("cifar10", scratch.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.presence, Presence::partial);
  EXPECT_EQ(file(report, "data_batch_1.bin").presence, Presence::partial);
  EXPECT_EQ(file(report, "data_batch_1.bin").records, 2U);
  EXPECT_EQ(file(report, "data_batch_1.bin").whole_records, 10000U);
  EXPECT_EQ(file(report, "data_batch_1.bin").bytes, 6146U);
  EXPECT_EQ(file(report, "data_batch_1.bin").checksum, Checksum::unknown);
  EXPECT_EQ(file(report, "data_batch_5.bin").presence, Presence::missing);
  EXPECT_EQ(listed(scratch.path(), "cifar10"), Presence::partial);
}

TEST_F(Verify, EveryBrokenFileIsReported) {
  write(cifar("data_batch_1.bin"), "short");
  write(cifar("test_batch.bin"), flat_record(30, 1, 2, 3));
  const Report report = verify("cifar10", scratch.path());
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(report.presence, Presence::broken);
  EXPECT_THAT(file(report, "data_batch_1.bin").problem, HasSubstr("truncated"));
  EXPECT_THAT(file(report, "test_batch.bin").problem, HasSubstr("label 30 out of range"));
}

TEST_F(Verify, AWholeFileWithOtherContents) {
  write(cifar("data_batch_1.bin"), flat_record(3, 1, 2, 3));
  write(cifar("test_batch.bin"), "");
  fs::resize_file(cifar("test_batch.bin"), 30730000);
  const Report report = verify("cifar10", scratch.path());
  EXPECT_FALSE(report.ok);
  EXPECT_EQ(file(report, "test_batch.bin").presence, Presence::whole);
  EXPECT_EQ(file(report, "test_batch.bin").checksum, Checksum::other);
}

TEST_F(Verify, IdxFiles) {
  const fs::path folder = scratch.path() / "mnist";
  write(folder / "train-images-idx3-ubyte.gz", gzipped(idx_images({std::string(784, 'a')})));
  write(folder / "train-labels-idx1-ubyte", idx_labels({'\1'}));
  write(folder / "t10k-images-idx3-ubyte", idx_images({std::string(784, 'b')}));
  const Report missing = verify("mnist", scratch.path());
  EXPECT_FALSE(missing.ok);
  EXPECT_EQ(file(missing, "t10k-labels-idx1-ubyte.gz").presence, Presence::missing);
  write(folder / "t10k-labels-idx1-ubyte", idx_labels({'\2'}));
  const Report report = verify("mnist", scratch.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.presence, Presence::partial);
  EXPECT_EQ(file(report, "train-images-idx3-ubyte.gz").records, 1U);
  write(folder / "t10k-labels-idx1-ubyte", idx_labels({'\12'}));
  EXPECT_THAT(file(verify("mnist", scratch.path()), "t10k-labels-idx1-ubyte").problem,
              HasSubstr("label 10 out of range"));
}

TEST_F(Verify, CsvSetsSplitBySplit) {
  const fs::path folder = scratch.path() / "csv/tiny";
  EXPECT_EQ(listed(scratch.path(), "csv:NAME"), Presence::missing);
  write(folder / "data.txt", "1 2\n3 4\n5 6\n");
  write(folder / "index_features.txt", "0");
  write(folder / "index_target.txt", "1");
  for (const char* k : {"0", "1"}) {
    write(folder / ("index_train_" + std::string(k) + ".txt"), "0 1");
    write(folder / ("index_test_" + std::string(k) + ".txt"), "2");
  }
  EXPECT_TRUE(verify("csv:tiny", scratch.path()).ok);
  EXPECT_EQ(verify("csv:tiny", scratch.path()).files.size(), 7U);
  EXPECT_EQ(file(verify("csv:tiny", scratch.path()), "data.txt").records, 3U);
  EXPECT_EQ(listed(scratch.path(), "csv:tiny"), Presence::whole);
  write(folder / "index_test_1.txt", "1");
  const Report report = verify("csv:tiny", scratch.path());
  EXPECT_FALSE(report.ok);
  EXPECT_THAT(file(report, "index_train_1.txt").problem, HasSubstr("index_test_1.txt:1: row 1"));
  EXPECT_EQ(file(report, "index_train_0.txt").problem, "");
}

TEST_F(Verify, EmbeddedSetsAreAlwaysThere) {
  EXPECT_TRUE(verify("synthetic10", scratch.path()).ok);
  EXPECT_EQ(verify("synthetic100", scratch.path()).presence, Presence::embedded);
  EXPECT_EQ(listed(scratch.path(), "synthetic10"), Presence::embedded);
  EXPECT_THAT(error_of([&] { verify("nothing", scratch.path()); }), HasSubstr("is not a data set"));
}

}  // namespace
}  // namespace gapbench::data
