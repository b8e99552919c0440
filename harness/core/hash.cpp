#include "core/hash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <vector>

#include "core/descriptor.h"
#include "core/disk.h"
#include "core/file.h"

namespace gapbench {
namespace {

class Hasher {
 public:
  explicit Hasher(Digest digest) : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), digest == Digest::md5 ? EVP_md5() : EVP_sha256(), nullptr);
  }
  void update(const char* bytes, std::size_t count) {
    EVP_DigestUpdate(context_.get(), bytes, count);
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), bytes.data(), &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string hash_bytes(Digest digest, std::string_view bytes) {
  Hasher hasher(digest);
  hasher.update(bytes.data(), bytes.size());
  return hasher.hex();
}

std::string hash_file(Digest digest, const std::filesystem::path& path) {
  const Descriptor file(disk::open(path, O_RDONLY));
  if (file.get() < 0 && errno == ENOENT) throw Error(path.string(), "cannot be read");
  Hasher hasher(digest);
  std::vector<char> piece(std::size_t{1} << 20);
  for (ssize_t got = -1;;) {
    if (file.get() >= 0) got = disk::read(file.get(), piece.data(), piece.size(), path);
    if (got < 0) {
      throw SystemError(path.string(), "cannot be read: " + std::generic_category().message(errno));
    }
    if (got == 0) return hasher.hex();
    hasher.update(piece.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace gapbench
