#include "data/sets/gzip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "gapbench/error.h"

namespace gapbench::data {
namespace {

class Inflater {
 public:
  Inflater(const std::filesystem::path& path, std::span<const unsigned char> bytes) : path_(path) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) {
      throw Error(path.string(),
                  fmt::format("holds {} bytes, too many for a data file", bytes.size()));
    }
    stream_.next_in =
        const_cast<Bytef*>(bytes.data());  // zlib's interface; it does not write there
    stream_.avail_in = static_cast<uInt>(bytes.size());
    constexpr int only_gzip = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, only_gzip) != Z_OK) {
      throw Error(path.string(), "cannot be inflated: out of memory");
    }
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Fills `out`, returns the bytes written: fewer than asked for only at the end.
  std::size_t read(std::span<unsigned char> out) {
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    ended_ = code == Z_STREAM_END;
    if (ended_ && stream_.avail_in != 0) {
      throw Error(path_.string(),
                  fmt::format("{} more bytes after the end of the gzip data", stream_.avail_in));
    }
    if (!ended_ && code != Z_OK && code != Z_BUF_ERROR) {
      throw Error(path_.string(), fmt::format("damaged gzip data: {}",
                                              stream_.msg == nullptr ? "bad input" : stream_.msg));
    }
    if (!ended_ && stream_.avail_out != 0) {
      throw Error(path_.string(), "truncated: the gzip data ends early");
    }
    return out.size() - stream_.avail_out;
  }
  bool ended() const { return ended_; }

 private:
  const std::filesystem::path& path_;
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace

std::vector<unsigned char> inflate_gzip(const std::filesystem::path& path,
                                        std::span<const unsigned char> bytes, std::size_t limit) {
  if (bytes.empty()) throw Error(path.string(), "is empty, a gzip file expected");
  Inflater inflater(path, bytes);
  std::vector<unsigned char> out;
  constexpr std::size_t piece = std::size_t{1} << 20;
  while (!inflater.ended()) {
    const std::size_t before = out.size();
    if (before > limit) {
      throw Error(path.string(), fmt::format("inflates to more than the {} bytes expected", limit));
    }
    out.resize(before + piece);
    out.resize(before + inflater.read(std::span(out).subspan(before)));
  }
  if (out.size() > limit) {
    throw Error(path.string(),
                fmt::format("inflates to {} bytes, at most {} expected", out.size(), limit));
  }
  return out;
}

}  // namespace gapbench::data
