// Data that is there, but not where it is looked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/temporary_folder.h"
#include "data/data.h"
#include "data/sets/contents.h"
#include "data/sets/set.h"
#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class ElsewhereTest : public ::testing::Test {
 protected:
  void put(const std::string& path) const {
    fs::create_directories((root_ / path).parent_path());
    root_.write(path, "x");
  }
  std::string refusal(const fs::path& root) const {
    try {
      require_file(root / "cifar-10-batches-bin/data_batch_1.bin", "cifar10", root);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }

  test::TemporaryFolder root_;
};

TEST_F(ElsewhereTest, NowhereIsAMatterOfFetching) {
  EXPECT_THAT(refusal(root_.path()),
              HasSubstr("is missing; get it with: gapbench data fetch cifar10"));
}

TEST_F(ElsewhereTest, OneFolderDeeperIsFound) {
  put("downloads/cifar-10-batches-bin/data_batch_1.bin");
  EXPECT_THAT(refusal(root_.path()), HasSubstr("give --data " + (root_ / "downloads").string()));
}

TEST_F(ElsewhereTest, TheSetsOwnFolderForTheDataFolderIsFound) {
  put("cifar-10-batches-bin/data_batch_1.bin");
  EXPECT_THAT(refusal(root_ / "cifar-10-batches-bin"),
              HasSubstr("give --data " + root_.path().string()));
}

TEST_F(ElsewhereTest, AnotherEditionIsNamed) {
  put("cifar-10-batches-py/data_batch_1");
  EXPECT_THAT(refusal(root_.path()), HasSubstr("cifar-10-batches-py is another edition"));
}

TEST(DataFolder, IsNotNeededBySyntheticSets) {
  const auto sum = [](const char* name) {
    Request request;
    request.name = name;
    request.options = Options::resolve(name, find_set(name).kind().options, {});
    return checksum(request);
  };
  EXPECT_NO_THROW(sum("synthetic10"));
  try {
    sum("cifar10");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("data folder: is not known; give --data DIR"));
  }
}

}  // namespace
}  // namespace gapbench::data
