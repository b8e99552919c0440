// Files: whole, atomic, mapped.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/descriptor.h"
#include "gapbench/error.h"

namespace gapbench {

/// The system refused a file or broke off: a full disk, no permission, a failing disk or network.
/// What lies there, if anything, is not known, so nothing may be concluded from it or done to it;
/// the same may go well next time. A file that is not there is a plain Error.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// The whole file. Throws Error when it is not there, and SystemError when it cannot be read.
std::string read_file(const std::filesystem::path& path);

/// Its first or last bytes, `most` of them or all. Throws as read_file().
std::string read_head(const std::filesystem::path& path, std::size_t most);
struct Tail {
  std::string text;
  bool is_all = false;
};
Tail read_tail(const std::filesystem::path& path, std::size_t most);

/// Whether there is something of that name. Throws SystemError where that cannot be known.
bool is_there(const std::filesystem::path& path);

/// Writes a file that is either there whole or not at all: temporary file beside it, fsync, rename.
/// Throws SystemError with the system's reason (full disk, no permission); nothing is left behind
/// then, unless the system refuses that, too.
void write_file_atomically(const std::filesystem::path& path, std::string_view text);
/// The same of texts that follow each other.
void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::string_view> texts);

/// A file that grows at its end. Throws SystemError.
class GrowingFile {
 public:
  enum class Start { empty, as_it_is };

  GrowingFile() = default;  ///< none
  GrowingFile(std::filesystem::path path, Start start);
  bool is_open() const noexcept { return file_.get() >= 0; }
  /// What others read at once, and what an end of this process does not lose.
  void append(std::string_view text);

 private:
  std::filesystem::path path_;
  Descriptor file_;
};

/// Waits until what was written to the file is on the disk. Throws SystemError when that fails.
void sync_file(const std::filesystem::path& path);

/// Removes a file or an empty folder, if it is there. Throws SystemError.
void remove_file(const std::filesystem::path& path);

/// Gives it another name, in place of what had that name. Throws SystemError.
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes a folder with all that is in it, if it is there. Throws SystemError.
void remove_folder(const std::filesystem::path& path);

/// Creates the folder and its parents. Throws SystemError when that is not possible.
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
