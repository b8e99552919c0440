// Files are written whole or not at all.
#include "core/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <utility>

#include "core/temporary_folder.h"
#include "gapbench/error.h"

namespace gapbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Files may not grow past `bytes`: what a full disk looks like to a writer.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  SizeLimit(const SizeLimit&) = delete;
  SizeLimit& operator=(const SizeLimit&) = delete;
  ~SizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(File, ReadsBackWhatWasWritten) {
  const test::TemporaryFolder folder;
  const std::string text("line\n\0\xFF end", 12);
  write_file_atomically(folder / "a", text);
  EXPECT_EQ(read_file(folder / "a"), text);
  write_file_atomically(folder / "a", "");
  EXPECT_EQ(read_file(folder / "a"), "");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, AFullDiskLeavesTheOldFileAndNothingElse) {
  const test::TemporaryFolder folder;
  write_file_atomically(folder / "a", "old");
  {
    const SizeLimit limit(1000);
    try {
      write_file_atomically(folder / "a", std::string(5000, 'x'));
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.where(), (folder / "a").string());
      EXPECT_THAT(e.what(), HasSubstr("cannot be written: File too large"));
    }
    EXPECT_THROW(write_file_atomically(folder / "b", std::string(5000, 'x')), Error);
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, WritingOverAFolderLeavesNothingBehind) {
  const test::TemporaryFolder folder;
  fs::create_directories(folder / "a/b");
  EXPECT_THROW(write_file_atomically(folder / "a", "text"), Error);
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, AMissingFolderIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(write_file_atomically(folder / "no/such", "text"), Error);
  EXPECT_FALSE(fs::exists(folder / "no"));
}

TEST(File, ReadingWhatIsNotAFileIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(read_file(folder / "absent"), Error);
  EXPECT_THROW(read_file(folder.path()), Error);
}

TEST(File, MakesFoldersWithTheirParents) {
  const test::TemporaryFolder folder;
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  folder.write("file", "");
  EXPECT_THROW(make_folder(folder / "file"), Error);
  EXPECT_THROW(make_folder(folder / "file/below"), Error);
}

TEST(MappedFile, ShowsTheBytes) {
  const test::TemporaryFolder folder;
  MappedFile file(folder.write("a", "abc"));
  ASSERT_EQ(file.bytes().size(), 3U);
  EXPECT_EQ(file.bytes()[2], 'c');
  EXPECT_TRUE(MappedFile(folder.write("empty", "")).bytes().empty());
  EXPECT_TRUE(MappedFile().bytes().empty());
}

TEST(MappedFile, Moves) {
  const test::TemporaryFolder folder;
  MappedFile a(folder.write("a", "first"));
  MappedFile b(std::move(a));
  EXPECT_TRUE(a.bytes().empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(b.bytes().size(), 5U);
  MappedFile c(folder.write("c", "cc"));
  c = std::move(b);
  EXPECT_EQ(c.bytes()[0], 'f');
}

TEST(MappedFile, WhatIsNotARegularFileIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(MappedFile{folder / "absent"}, Error);
  EXPECT_THROW(MappedFile{folder.path()}, Error);
  EXPECT_THROW(MappedFile{"/dev/null"}, Error);
}

}  // namespace
}  // namespace gapbench
