// Checksums: published answers.
#include "core/hash.h"

#include <gtest/gtest.h>

#include "core/temporary_folder.h"
#include "gapbench/error.h"

namespace gapbench {
namespace {

// FIPS 180-4 examples; RFC 1321, appendix A.5.
TEST(Hash, KnownAnswers) {
  EXPECT_EQ(hash_bytes(Digest::sha256, ""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hash_bytes(Digest::sha256, "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_bytes(Digest::md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hash_bytes(Digest::md5, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(hash_bytes(Digest::sha256, std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, ZeroBytesCount) {
  EXPECT_NE(hash_bytes(Digest::md5, std::string_view("a\0b", 3)), hash_bytes(Digest::md5, "a"));
}

TEST(Hash, AFileIsItsBytes) {
  const test::TemporaryFolder folder;
  std::string large((std::size_t{1} << 20) + 17, 'x');  // more than one piece
  large[5] = '\0';
  EXPECT_EQ(hash_file(Digest::sha256, folder.write("large", large)),
            hash_bytes(Digest::sha256, large));
  EXPECT_EQ(hash_file(Digest::md5, folder.write("empty", "")), hash_bytes(Digest::md5, ""));
}

TEST(Hash, AnAbsentFileIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_THROW(hash_file(Digest::md5, folder / "absent"), Error);
  EXPECT_THROW(hash_file(Digest::md5, folder.path()), Error);
}

}  // namespace
}  // namespace gapbench
