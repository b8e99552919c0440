// Whether records can be written somewhere.
#include "run/folder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/temporary_folder.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

TEST(Folder, IsTriedAndLeftAsItWas) {
  const test::TemporaryFolder folder;
  const fs::path records = folder.path() / "a" / "b";
  require_writable(records);
  EXPECT_TRUE(fs::is_directory(records));
  EXPECT_TRUE(fs::is_empty(records));
}

// A disk that could not remove the test's file may have been one for a moment.
TEST(Folder, LosesWhatAnEarlierTrialCouldNotRemove) {
  const test::TemporaryFolder folder;
  folder.write(".write-test", "left");
  require_writable(folder.path());
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace gapbench::run
