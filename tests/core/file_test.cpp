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

TEST(File, HeadAndTailAreWhatTheyCanBe) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.write("a", "0123456789");
  EXPECT_EQ(read_head(file, 3), "012");
  EXPECT_EQ(read_head(file, 10), "0123456789");
  EXPECT_EQ(read_head(file, 99), "0123456789");
  EXPECT_EQ(read_head(file, 0), "");
  EXPECT_EQ(read_tail(file, 3).text, "789");
  EXPECT_FALSE(read_tail(file, 3).is_all);
  EXPECT_EQ(read_tail(file, 10).text, "0123456789");
  EXPECT_TRUE(read_tail(file, 10).is_all);
  EXPECT_TRUE(read_tail(folder.write("b", ""), 10).is_all);
  EXPECT_THROW(read_tail(folder / "absent", 1), Error);
}

TEST(File, WhatIsNotThereIsAFactAndWhatIsRefusedIsNot) {
  const test::TemporaryFolder folder;
  folder.write("file", "");
  EXPECT_TRUE(is_there(folder / "file"));
  EXPECT_FALSE(is_there(folder / "absent"));
  EXPECT_FALSE(is_there(folder / "file/below"));
  const fs::path endless = folder / "loop";
  fs::create_symlink(endless, endless);
  EXPECT_THROW(is_there(endless), SystemError);
  EXPECT_THROW(read_file(endless), SystemError);
  try {
    read_file(folder / "absent");
    FAIL();
  } catch (const SystemError& e) {
    FAIL() << e.what();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), ((folder / "absent").string() + ": cannot be read").c_str());
  }
}

TEST(File, GrowsAtItsEnd) {
  const test::TemporaryFolder folder;
  folder.write("a", "old\n");
  EXPECT_FALSE(GrowingFile().is_open());
  GrowingFile file(folder / "a", GrowingFile::Start::as_it_is);
  file.append("one\n");
  GrowingFile moved = std::move(file);
  moved.append("two\n");
  EXPECT_EQ(read_file(folder / "a"), "old\none\ntwo\n");
  GrowingFile(folder / "a", GrowingFile::Start::empty).append("new\n");
  EXPECT_EQ(read_file(folder / "a"), "new\n");
  EXPECT_THROW(GrowingFile(folder / "no/a", GrowingFile::Start::empty), SystemError);
  const SizeLimit limit(1000);
  EXPECT_THROW(moved.append(std::string(5000, 'x')), SystemError);
}

TEST(File, RemovesFoldersWithAllThatIsInThemAndNothingElse) {
  const test::TemporaryFolder folder;
  make_folder(folder / "a/b/c");
  folder.write("a/b/file", "");
  folder.write("kept", "");
  fs::create_symlink(folder.path(), folder / "a/b/up");
  remove_folder(folder / "a");
  EXPECT_FALSE(fs::exists(folder / "a"));
  EXPECT_TRUE(fs::exists(folder / "kept"));
  remove_folder(folder / "a");
  remove_file(folder / "a");
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
