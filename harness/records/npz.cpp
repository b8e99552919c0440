#include "records/npz.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cstdint>
#include <memory>

#include "core/file.h"
#include "gapbench/error.h"

namespace gapbench::records {
namespace {

/// "(32, 3, 3, 3)", "(32,)", "()": a Python tuple.
std::string tuple(const std::vector<std::size_t>& shape) {
  if (shape.size() == 1) return fmt::format("({},)", shape.front());
  return fmt::format("({})", fmt::join(shape, ", "));
}

/// A zip archive in memory.
class Zip {
 public:
  Zip() : archive_(archive_write_new()) {
    check(archive_write_set_format_zip(archive_.get()));
    check(archive_write_zip_set_compression_store(archive_.get()));
    check(archive_write_set_bytes_in_last_block(archive_.get(), 1));  // no padding
    check(archive_write_open(archive_.get(), &bytes_, nullptr, append, nullptr));
  }

  void add(const std::string& name, const std::string& content) {
    const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                         archive_entry_free);
    constexpr int permissions = 0644;
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), permissions);
    archive_entry_set_mtime(entry.get(), 0, 0);
    check(archive_write_header(archive_.get(), entry.get()));
    if (archive_write_data(archive_.get(), content.data(), content.size()) < 0)
      check(ARCHIVE_FATAL);
  }

  std::string finish() {
    check(archive_write_close(archive_.get()));
    return std::move(bytes_);
  }

 private:
  static la_ssize_t append(archive*, void* bytes, const void* piece, std::size_t size) {
    static_cast<std::string*>(bytes)->append(static_cast<const char*>(piece), size);
    return static_cast<la_ssize_t>(size);
  }
  void check(int code) const {
    if (code != ARCHIVE_OK) throw Error("npz", archive_error_string(archive_.get()));
  }

  struct Free {
    void operator()(archive* a) const { archive_write_free(a); }
  };

  std::string bytes_;
  std::unique_ptr<archive, Free> archive_;
};

}  // namespace

std::string npy(const NamedTensor& tensor, std::span<const float> values) {
  constexpr std::size_t aligned = 64;  // the data begins at a multiple of it
  constexpr std::size_t fixed = 10;    // magic, version, length of the dictionary
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}", tuple(tensor.shape));
  const std::size_t whole = fixed + dictionary.size() + 1;
  dictionary.append((aligned - whole % aligned) % aligned, ' ');
  dictionary += '\n';
  if (dictionary.size() > UINT16_MAX) throw Error(tensor.name, "has too many dimensions for .npy");
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(dictionary.size() & 0xff);
  bytes += static_cast<char>(dictionary.size() >> 8);
  bytes += dictionary;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return bytes;
}

void write_npz(const std::filesystem::path& file, const NamedParameters& end) {
  std::error_code code;
  if (std::filesystem::exists(file, code) &&
      (!std::filesystem::is_regular_file(file, code) || !read_file(file).starts_with("PK"))) {
    throw Error(file.string(), "exists and is no .npz file: give another name");
  }
  Zip zip;
  std::size_t at = 0;
  for (const NamedTensor& tensor : end.tensors) {
    zip.add(tensor.name + ".npy", npy(tensor, std::span(end.values).subspan(at, tensor.size())));
    at += tensor.size();
  }
  write_file_atomically(file, zip.finish());
}

}  // namespace gapbench::records
