// Files: whole, atomic, mapped.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace gapbench {

/// The whole file. Throws Error when it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Writes a file that is either there whole or not at all: temporary file beside it, fsync, rename.
/// Throws Error with the system's reason (full disk, no permission); nothing is left behind then.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);
/// The same of texts that follow each other.
void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::string_view> texts);

/// Waits until what was written to the file is on the disk. Throws Error when that fails.
void sync_file(const std::filesystem::path& path);

/// Creates the folder and its parents. Throws Error when that is not possible.
void make_folder(const std::filesystem::path& path);

/// A file mapped for reading: processes that map the same file share its pages. Movable.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws Error when the file cannot be opened or mapped. An empty file maps to an empty span.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const unsigned char> bytes() const noexcept { return {data_, size_}; }

 private:
  const unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gapbench
