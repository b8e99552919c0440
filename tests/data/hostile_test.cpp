// Random bytes and truncations: an Error or good data, never a crash.
#include <gmock/gmock.h>

#include <random>

#include "data/sets/gzip.h"
#include "fixtures.h"

namespace gapbench::data {
namespace {

/// Loads and looks at everything; true when that worked, false for an Error.
bool loads(const std::string& name, const fs::path& root) {
  try {
    const auto data = load(request(name, root));
    gather_all(*data, Part::train);
    gather_all(*data, Part::test);
    return true;
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
    return false;
  }
}

std::string random_bytes(std::mt19937& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (char& b : bytes) b = static_cast<char>(random());
  return bytes;
}

std::string damaged(std::mt19937& random, std::string bytes) {
  for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
  return bytes;
}

class HostileIdx : public ::testing::Test {
 protected:
  HostileIdx() {
    put("train-images-idx3-ubyte", images);
    put("train-labels-idx1-ubyte", labels);
    put("t10k-images-idx3-ubyte", images);
    put("t10k-labels-idx1-ubyte", labels);
  }
  void put(const std::string& name, const std::string& bytes) const {
    write(scratch.path() / "mnist" / name, bytes);
  }
  bool loads_with(const std::string& name, const std::string& bytes) const {
    put(name, bytes);
    return loads("mnist", scratch.path());
  }

  const std::string images = idx_images({std::string(784, 'a'), std::string(784, 'b')});
  const std::string labels = idx_labels({'\1', '\2'});
  test::TemporaryFolder scratch;
};

TEST_F(HostileIdx, TruncatedAtEveryLength) {
  for (std::size_t n = 0; n < images.size(); ++n) {
    ASSERT_FALSE(loads_with("t10k-images-idx3-ubyte", images.substr(0, n))) << n;
  }
  ASSERT_TRUE(loads_with("t10k-images-idx3-ubyte", images));
  for (std::size_t n = 0; n < labels.size(); ++n) {
    ASSERT_FALSE(loads_with("train-labels-idx1-ubyte", labels.substr(0, n))) << n;
  }
}

TEST_F(HostileIdx, GzipTruncatedAtEveryLength) {
  fs::remove(scratch.path() / "mnist/t10k-labels-idx1-ubyte");
  const std::string zipped = gzipped(labels);
  for (std::size_t n = 0; n < zipped.size(); ++n) {
    ASSERT_FALSE(loads_with("t10k-labels-idx1-ubyte.gz", zipped.substr(0, n))) << n;
  }
  ASSERT_TRUE(loads_with("t10k-labels-idx1-ubyte.gz", zipped));
}

TEST_F(HostileIdx, RandomAndDamagedBytes) {
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    ASSERT_FALSE(loads_with("train-labels-idx1-ubyte", random_bytes(random, random() % 64)));
    loads_with("train-labels-idx1-ubyte", damaged(random, labels));
  }
  put("train-labels-idx1-ubyte", labels);
  for (int i = 0; i < 300; ++i) {
    loads_with("t10k-images-idx3-ubyte", damaged(random, images.substr(0, 16)) + images.substr(16));
  }
  put("t10k-images-idx3-ubyte", images);
  fs::remove(scratch.path() / "mnist/t10k-labels-idx1-ubyte");
  const std::string zipped = gzipped(labels);
  for (int i = 0; i < 300; ++i) loads_with("t10k-labels-idx1-ubyte.gz", damaged(random, zipped));
}

TEST(HostileGzip, DamagedStreamsOfSeveralPieces) {
  std::mt19937 random(6);
  const std::string zipped = gzipped(random_bytes(random, 3000) + std::string(2000000, 'x'));
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string bytes = damaged(random, zipped);
    const std::vector<unsigned char> in(bytes.begin(), bytes.end());
    try {
      inflate_gzip("x.gz", in, 2003000);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);  // a few changes hit the header's unchecked fields
}

class HostileCsv : public ::testing::Test {
 protected:
  HostileCsv() {
    put("data.txt", table);
    put("index_features.txt", "0 1");
    put("index_target.txt", "2");
    put("index_train_0.txt", "0 1");
    put("index_test_0.txt", "2");
  }
  void put(const std::string& name, const std::string& text) const {
    write(scratch.path() / "csv/tiny" / name, text);
  }
  bool loads_with(const std::string& name, const std::string& text) const {
    put(name, text);
    return loads("csv:tiny", scratch.path());
  }

  const std::string table = "1.5 -2e3 3\n4,5,6\n7\t8\t9\n";
  test::TemporaryFolder scratch;
};

TEST_F(HostileCsv, TruncatedAtEveryLength) {
  ASSERT_TRUE(loads("csv:tiny", scratch.path()));
  const std::size_t last_row = table.rfind('7');
  for (std::size_t n = 0; n <= last_row + 3; ++n) {
    ASSERT_FALSE(loads_with("data.txt", table.substr(0, n))) << n;
  }
  for (const char* name : {"index_features.txt", "index_target.txt", "index_train_0.txt"}) {
    loads_with(name, "");
  }
}

TEST_F(HostileCsv, RandomAndDamagedBytes) {
  std::mt19937 random(7);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    refused += loads_with("data.txt", random_bytes(random, random() % 200)) ? 0 : 1;
    loads_with("data.txt", damaged(random, table));
  }
  EXPECT_EQ(refused, 500);
  put("data.txt", table);
  for (int i = 0; i < 300; ++i) {
    loads_with("index_train_0.txt", random_bytes(random, random() % 40));
    loads_with("index_train_0.txt", damaged(random, "0 1"));
  }
}

TEST(HostileCifar, TruncatedAtManyLengths) {
  const test::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "cifar-10-batches-bin";
  const std::string two = flat_record(1, 2, 3, 4) + flat_record(2, 3, 4, 5);
  write(folder / "test_batch.bin", two);
  for (std::size_t n = 0; n <= two.size(); n += n % 3073 < 3 || n % 3073 > 3069 ? 1 : 191) {
    write(folder / "data_batch_1.bin", two.substr(0, n));
    ASSERT_EQ(loads("cifar10", scratch.path()), n == 3073 || n == 6146) << n;
  }
}

}  // namespace
}  // namespace gapbench::data
