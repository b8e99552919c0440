// The official files, where they are: GAPBENCH_REAL_DATA names the data folder.
#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "archives.h"
#include "data/fetch.h"
#include "data/verify.h"
#include "fixtures.h"
#include "http_server.h"

namespace gapbench::data {
namespace {

using ::testing::Each;
using ::testing::IsEmpty;

class RealData : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("GAPBENCH_REAL_DATA");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "GAPBENCH_REAL_DATA is not set";
    root = folder;
  }

  std::vector<int> class_counts(const Data& data, Part part) const {
    std::vector<std::uint32_t> all(data.examples(part));
    std::iota(all.begin(), all.end(), 0U);
    std::vector<int> counts(data.description().classes);
    std::vector<float> input(data.description().shape.size());
    std::vector<std::int32_t> label(1);
    for (const std::uint32_t i : all) {
      data.gather({part, {&i, 1}, false, 0}, input, label, {});
      ++counts[static_cast<std::size_t>(label[0])];
    }
    return counts;
  }

  /// Byte mean and deviation of a channel: from two pixels of known value and their normalized
  /// value, value = mean + deviation * normalized.
  void expect_statistics(const std::string& name, const std::string& file, std::size_t label_bytes,
                         const std::array<double, 3>& mean,
                         const std::array<double, 3>& deviation) const {
    const auto data = load(request(name, root));
    std::ifstream in(root / file, std::ios::binary);
    std::string record(label_bytes + 3072, '\0');
    in.read(record.data(), static_cast<std::streamsize>(record.size()));
    const auto inputs = gather_indices(*data, Part::test, {0}).inputs;
    for (std::size_t c = 0; c < 3; ++c) {
      const auto byte = [&](std::size_t i) {
        return static_cast<double>(static_cast<unsigned char>(record[label_bytes + c * 1024 + i]));
      };
      std::size_t low = 0, high = 0;
      for (std::size_t i = 0; i < 1024; ++i) {
        if (byte(i) < byte(low)) low = i;
        if (byte(i) > byte(high)) high = i;
      }
      const double found = (byte(high) - byte(low)) / (inputs[high * 3 + c] - inputs[low * 3 + c]);
      EXPECT_NEAR(found / 255, deviation[c], 1e-4);
      EXPECT_NEAR((byte(low) - found * inputs[low * 3 + c]) / 255, mean[c], 1e-4);
    }
  }

  fs::path root;
};

TEST_F(RealData, Cifar10IsWholeAndBalanced) {
  const auto data = load(request("cifar10", root));
  EXPECT_THAT(data->description().notes, IsEmpty());
  EXPECT_THAT(class_counts(*data, Part::train), Each(5000));
  EXPECT_THAT(class_counts(*data, Part::test), Each(1000));
  expect_statistics("cifar10", "cifar-10-batches-bin/test_batch.bin", 1, {0.4914, 0.4822, 0.4465},
                    {0.2470, 0.2435, 0.2616});
}

TEST_F(RealData, Cifar100IsWholeAndBalanced) {
  const auto data = load(request("cifar100", root));
  EXPECT_THAT(data->description().notes, IsEmpty());
  EXPECT_THAT(class_counts(*data, Part::train), Each(500));
  EXPECT_THAT(class_counts(*data, Part::test), Each(100));
  expect_statistics("cifar100", "cifar-100-binary/test.bin", 2, {0.5071, 0.4865, 0.4409},
                    {0.2673, 0.2564, 0.2762});
  const auto coarse = load(request("cifar100", root, {{"labels", std::string("coarse")}}));
  EXPECT_THAT(class_counts(*coarse, Part::train), Each(2500));
}

TEST_F(RealData, Mnist) {
  const auto data = load(request("mnist", root));
  EXPECT_THAT(data->description().notes, IsEmpty());
  EXPECT_THAT(class_counts(*data, Part::train),
              ::testing::ElementsAre(5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949));
  // A black pixel is -mean / deviation = -0.13066 / 0.30811.
  EXPECT_NEAR(gather_indices(*data, Part::test, {0}).inputs[0], -0.42407, 1e-4);
}

TEST_F(RealData, UciSetsStandardized) {
  const auto data = load(request("csv:bostonHousing", root, {{"split", std::int64_t{3}}}));
  EXPECT_EQ(data->examples(Part::train) + data->examples(Part::test), 506U);
  EXPECT_EQ(data->description().shape.size(), 13U);
  const Gathered train = gather_all(*data, Part::train);
  double sum = 0, squares = 0;
  for (const float t : train.targets) {
    sum += t;
    squares += double{t} * t;
  }
  const auto n = static_cast<double>(train.targets.size());
  EXPECT_NEAR(sum / n, 0, 1e-6);
  EXPECT_NEAR(squares / n, 1, 1e-6);
}

TEST_F(RealData, EverythingVerifies) {
  for (const Listing& line : list(root)) {
    if (line.presence == Presence::missing) continue;
    const Report report = verify(line.name, root);
    EXPECT_TRUE(report.ok) << line.name;
    EXPECT_THAT(report.notes, IsEmpty()) << line.name;
    for (const FileReport& f : report.files) {
      EXPECT_EQ(f.problem, "");
      if (line.fetchable) {
        EXPECT_EQ(f.checksum, Checksum::published) << f.path;
      }
    }
  }
}

TEST_F(RealData, FetchLeavesAWholeSetAlone) {
  for (const char* name : {"cifar10", "cifar100", "mnist"}) {
    EXPECT_EQ(fetch(name, root, "http://127.0.0.1:1", {}), Fetched::already_there) << name;
  }
}

TEST_F(RealData, AUciSetIsFetchedFileByFile) {
  const test::TemporaryFolder scratch;
  // As the publisher serves it: /yacht/data/data.txt.
  const HttpServer server([&](const HttpRequest& r) {
    const fs::path path = r.path.substr(1);
    return whole_or_rest(r, contents_of(root / "uci" / *path.begin() / path.filename()));
  });
  EXPECT_EQ(fetch("csv:yacht", scratch.path(), server.url(), {}), Fetched::fetched);
  EXPECT_EQ(server.requests().size(), 43U);
  const Report report = verify("csv:yacht", scratch.path());
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.presence, Presence::whole);
  EXPECT_EQ(report.files.size(), 43U);
  EXPECT_EQ(fetch("csv:yacht", scratch.path(), server.url(), {}), Fetched::already_there);
  fs::remove(scratch.path() / "uci/yacht/index_test_19.txt");
  EXPECT_EQ(verify("csv:yacht", scratch.path()).presence, Presence::partial);
  EXPECT_EQ(fetch("csv:yacht", scratch.path(), server.url(), {}), Fetched::fetched);
  EXPECT_EQ(server.requests().size(), 44U);
  write(scratch.path() / "uci/yacht/index_target.txt", "5\n");
  EXPECT_FALSE(verify("csv:yacht", scratch.path()).ok);
  EXPECT_THAT(error_of([&] { fetch("csv:yacht", scratch.path(), server.url(), {}); }),
              ::testing::HasSubstr("index_target.txt: is there but is not the published data"));
}

TEST_F(RealData, DrawnSplitsAreAsLargeAsThePublishedOnes) {
  for (const std::string& name : sets_of("uci")) {
    Request r = request(name, root);
    const auto published = load(r);
    r.test_fraction = 0.1;
    const auto drawn = load(r);
    EXPECT_EQ(drawn->examples(Part::test), published->examples(Part::test)) << name;
    EXPECT_EQ(drawn->examples(Part::train), published->examples(Part::train)) << name;
  }
}

TEST_F(RealData, ACopiedPrefixIsPartial) {
  const test::TemporaryFolder scratch;
  std::ifstream in(root / "cifar-100-binary/train.bin", std::ios::binary);
  std::string bytes(2000 * 3074, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  write(scratch.path() / "cifar-100-binary/train.bin", bytes);
  fs::copy(root / "cifar-100-binary/test.bin", scratch.path() / "cifar-100-binary/test.bin");
  EXPECT_THAT(load(request("cifar100", scratch.path()))->description().notes,
              ::testing::ElementsAre("cifar100: partial: 2000 of 50000 training records"));
}

}  // namespace
}  // namespace gapbench::data
