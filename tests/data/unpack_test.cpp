// Unpacking archives, hostile ones too.
#include "data/unpack.h"

#include <gmock/gmock.h>

#include "archives.h"

namespace gapbench::data {
namespace {

using ::testing::HasSubstr;

class Unpack : public ::testing::Test {
 protected:
  Unpack() { fs::create_directory(out()); }
  fs::path out() const { return scratch.path() / "out"; }
  fs::path archive_path() const { return scratch.path() / "x.tar.gz"; }
  void unpack_entries(const std::vector<Entry>& entries) const {
    make_archive(archive_path(), entries);
    unpack(archive_path(), out());
  }
  std::string refusal(const std::vector<Entry>& entries) const {
    return error_of([&] { unpack_entries(entries); });
  }

  test::TemporaryFolder scratch;
};

TEST_F(Unpack, FilesAndFolders) {
  unpack_entries({{"set/", "", AE_IFDIR, ""}, {"set/a.bin", "abc"}, {"set/deep/b", ""}});
  EXPECT_EQ(contents_of(out() / "set/a.bin"), "abc");
  EXPECT_TRUE(fs::is_regular_file(out() / "set/deep/b"));
}

TEST_F(Unpack, NothingLeavesTheFolder) {
  EXPECT_THAT(refusal({{"../evil", "x"}}), HasSubstr("\"../evil\" would leave the folder"));
  EXPECT_THAT(refusal({{"set/../../evil", "x"}}), HasSubstr("would leave the folder"));
  const std::string absolute = (scratch.path() / "evil").string();
  EXPECT_THAT(refusal({{absolute, "x"}}), HasSubstr("would leave the folder"));
  EXPECT_FALSE(fs::exists(scratch.path() / "evil"));
}

TEST_F(Unpack, NoLinks) {
  EXPECT_THAT(refusal({{"link", "", AE_IFLNK, "/etc"}, {"link/x", "x"}}),
              HasSubstr("\"link\" is neither a file nor a folder"));
  EXPECT_THAT(refusal({{"a", "x"}, {"b", "", AE_IFREG, "a"}}), HasSubstr("\"b\" is neither"));
  EXPECT_THAT(refusal({{"pipe", "", AE_IFIFO, ""}}), HasSubstr("\"pipe\" is neither"));
}

TEST_F(Unpack, NothingIsOverwritten) {
  EXPECT_THAT(refusal({{"twice", "x"}, {"twice", "y"}}), HasSubstr("twice: cannot be created"));
  EXPECT_EQ(contents_of(out() / "twice"), "x");
}

TEST_F(Unpack, DamagedArchives) {
  make_archive(archive_path(), {{"a", std::string(100000, 'a')}, {"b", "b"}});
  const std::string bytes = contents_of(archive_path());
  write(archive_path(), bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(error_of([&] { unpack(archive_path(), out()); }), HasSubstr("x.tar.gz: "));
  write(archive_path(), "this is no archive, only some text of about the length of a header");
  EXPECT_THAT(error_of([&] { unpack(archive_path(), out()); }), HasSubstr("x.tar.gz: "));
  EXPECT_THAT(error_of([&] { unpack(scratch.path() / "absent", out()); }), HasSubstr("absent: "));
}

}  // namespace
}  // namespace gapbench::data
