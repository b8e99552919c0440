// Parameters kept at the end, and as NumPy reads them.
#include "records/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "gapbench/error.h"
#include "records/npz.h"
#include "records/records.h"
#include "records/trajectory.h"

namespace gapbench::records {
namespace {

using test::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::vector<TensorInfo> tensors = {{"conv1.weight", TensorKind::weight, {1, 2, 1, 1}, 0, 2},
                                         {"norm1.scale", TensorKind::scale, {1}, 2, 1},
                                         {"norm1.shift", TensorKind::shift, {1}, 3, 1}};
const std::vector<float> parameters = {0.5F, -2, 1, 0.25F};
const std::vector<float> statistics = {3, 4};

Record written(const std::filesystem::path& root) {
  const Record planned = test::some_record("sgd", 1, "aaaaaaa1");
  RecordWriter writer(root / planned.folder);
  writer.write_end(parameters, statistics);
  writer.write_end_layout(layout_of(tensors, statistics.size()));
  writer.finish(planned);
  return read_record(root / planned.folder);
}

std::vector<std::string> names(const std::vector<NamedTensor>& named) {
  std::vector<std::string> all;
  for (const NamedTensor& t : named) all.push_back(t.name);
  return all;
}

TEST(KeptParameters, ReadsBackByName) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  const NamedParameters end = read_parameters(record);
  EXPECT_THAT(names(end.tensors), ElementsAre("conv1.weight", "norm1.scale", "norm1.shift",
                                              "norm1.running_mean", "norm1.running_variance"));
  EXPECT_THAT(end.tensors[0].shape, ElementsAre(1, 2, 1, 1));
  EXPECT_THAT(end.values, ElementsAre(0.5F, -2, 1, 0.25F, 3, 4));
  const std::string bytes = read_file(record.folder / end_file);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\0\0\0\x3f\0\0\0\xc0", 8));
  EXPECT_EQ(bytes.size(), 24U);
}

TEST(KeptParameters, StatisticsOfAnotherKindAreOneTensor) {
  EXPECT_EQ(layout_of(tensors, 3).back().name, "running_statistics");
  EXPECT_EQ(layout_of(tensors, 0).back().name, "norm1.shift");
}

TEST(KeptParameters, ChangedOrMissingIsRefused) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  write_file_atomically(record.folder / end_file, std::string(24, '\0'));
  EXPECT_THROW(read_parameters(record), Error);
  std::filesystem::remove(record.folder / end_layout_file);
  EXPECT_THROW(read_parameters(record), Error);
  EXPECT_THROW(read_parameters(test::some_record("sgd", 1, "aaaaaaa1")), Error);
}

TEST(KeptParameters, AnEndThatIsNotTheTrialsIsNotHandedOn) {
  const TemporaryFolder results;
  const Record record = written(results.path());
  train::TrialSettings settings;
  settings.sources = {{"start", "sgd", record.identity, ".", train::Hands::start}};
  EXPECT_THAT(*read_handed_over(settings, record.folder).start,
              ElementsAre(0.5F, -2, 1, 0.25F, 3, 4));
  std::string bytes = read_file(record.folder / end_file);
  bytes[0] = '\1';
  write_file_atomically(record.folder / end_file, bytes);
  EXPECT_THROW(read_handed_over(settings, record.folder), Error);
}

// The format's own words: magic, version 1.0, length of the header, a dictionary padded to 64 bytes.
TEST(Npy, LiesAsNumpyDocumentsIt) {
  const std::string bytes = npy({"w", {2}}, std::vector<float>{0.5F, -2});
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_THAT(bytes.substr(10),
              StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  "));
  EXPECT_EQ(bytes[127], '\n');
  EXPECT_EQ(bytes.substr(128), std::string("\0\0\0\x3f\0\0\0\xc0", 8));
  EXPECT_THAT(npy({"w", {1, 2, 1, 1}}, std::vector<float>(2)),
              HasSubstr("'shape': (1, 2, 1, 1), "));
  EXPECT_THAT(npy({"w", {}}, std::vector<float>(1)), HasSubstr("'shape': (), "));
}

/// Little-endian, from a place in the bytes.
std::size_t number(const std::string& bytes, std::size_t at, std::size_t size) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= std::size_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

// By the zip format's central directory (APPNOTE 4.3.12), every entry stored as it is.
TEST(Npz, IsAZipArchiveOfNpyFiles) {
  const TemporaryFolder results;
  const TemporaryFolder out;
  const NamedParameters end = read_parameters(written(results.path()));
  write_npz(out / "sgd.npz", end);
  const std::string bytes = read_file(out / "sgd.npz");
  const std::size_t tail = bytes.rfind("PK\5\6");
  ASSERT_NE(tail, std::string::npos);
  EXPECT_EQ(number(bytes, tail + 10, 2), 5U);
  std::size_t at = number(bytes, tail + 16, 4);
  std::size_t first = 0;
  for (const NamedTensor& tensor : end.tensors) {
    ASSERT_EQ(bytes.substr(at, 4), "PK\1\2");
    EXPECT_EQ(number(bytes, at + 10, 2), 0U);  // stored
    const std::size_t size = number(bytes, at + 24, 4);
    const std::size_t name = number(bytes, at + 28, 2);
    EXPECT_EQ(bytes.substr(at + 46, name), tensor.name + ".npy");
    const std::size_t local = number(bytes, at + 42, 4);
    const std::size_t data =
        local + 30 + number(bytes, local + 26, 2) + number(bytes, local + 28, 2);
    EXPECT_EQ(bytes.substr(data, size),
              npy(tensor, std::span(end.values).subspan(first, tensor.size())));
    first += tensor.size();
    at += 46 + name + number(bytes, at + 30, 2) + number(bytes, at + 32, 2);
  }
  write_npz(out / "again.npz", end);
  EXPECT_EQ(read_file(out / "again.npz"), bytes);
}

TEST(Npz, ReplacesItsOwnKindOnly) {
  const TemporaryFolder results;
  const TemporaryFolder out;
  const NamedParameters end = read_parameters(written(results.path()));
  write_npz(out / "x.npz", end);
  EXPECT_NO_THROW(write_npz(out / "x.npz", end));
  out.write("thesis.txt", "years of work");
  EXPECT_THROW(write_npz(out / "thesis.txt", end), Error);
  EXPECT_EQ(read_file(out / "thesis.txt"), "years of work");
}

TEST(Npz, IsReadByNumpy) {
  if (std::system("/usr/bin/python3 -c 'import numpy' 2> /dev/null") != 0) {
    GTEST_SKIP() << "no /usr/bin/python3 with NumPy";
  }
  const TemporaryFolder results;
  const TemporaryFolder out;
  write_npz(out / "sgd.npz", read_parameters(written(results.path())));
  out.write("read.py",
            "import numpy, sys\n"
            "a = numpy.load(sys.argv[1])\n"
            "assert a['conv1.weight'].shape == (1, 2, 1, 1), a['conv1.weight'].shape\n"
            "assert a['conv1.weight'].dtype == numpy.float32\n"
            "assert a['conv1.weight'].ravel().tolist() == [0.5, -2.0]\n"
            "assert a['norm1.running_variance'].tolist() == [4.0]\n"
            "assert len(a.files) == 5\n");
  const std::string command =
      "/usr/bin/python3 " + (out / "read.py").string() + " " + (out / "sgd.npz").string();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace gapbench::records
