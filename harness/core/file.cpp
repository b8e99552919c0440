#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "core/disk.h"

namespace gapbench {
namespace {

namespace fs = std::filesystem;

std::string reason(int code) { return std::generic_category().message(code); }

[[noreturn]] void refuse(const fs::path& path, const char* what) {
  throw SystemError(path.string(), std::string(what) + ": " + reason(errno));
}

bool is_missing(int code) { return code == ENOENT || code == ENOTDIR; }

/// `named`: what the user knows the file as.
Descriptor opened(const fs::path& path, int flags, const fs::path& named) {
  Descriptor file(disk::open(path, flags));
  if (file.get() < 0) refuse(named, "cannot be opened");
  return file;
}

Descriptor opened_to_read(const fs::path& path) {
  Descriptor file(disk::open(path, O_RDONLY));
  if (file.get() >= 0) return file;
  if (is_missing(errno)) throw Error(path.string(), "cannot be read");
  refuse(path, "cannot be read");
}

void write_all(int fd, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = disk::write(fd, text, path);
    if (written < 0) refuse(path, "cannot be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// From where the file stands, `most` bytes or all that is left.
std::string read_on(const Descriptor& file, std::size_t most, const fs::path& path) {
  constexpr std::size_t piece = std::size_t{1} << 16;
  struct stat status {};
  const bool sized = fstat(file.get(), &status) == 0 && status.st_size > 0;
  std::string text;
  std::size_t size = 0;
  for (;;) {
    const std::size_t room =
        sized && size == 0 ? static_cast<std::size_t>(status.st_size) + 1 : piece;
    text.resize(std::min(most, size + room));
    if (size == text.size()) return text;
    const ssize_t got = disk::read(file.get(), text.data() + size, text.size() - size, path);
    if (got < 0 && errno == EISDIR) throw Error(path.string(), "cannot be read");
    if (got < 0) refuse(path, "reading it broke off");
    size += static_cast<std::size_t>(got);
    text.resize(size);
    if (got == 0) return text;
  }
}

}  // namespace

std::string read_file(const fs::path& path) { return read_head(path, std::string::npos); }

std::string read_head(const fs::path& path, std::size_t most) {
  return read_on(opened_to_read(path), most, path);
}

Tail read_tail(const fs::path& path, std::size_t most) {
  const Descriptor file = opened_to_read(path);
  const off_t size = lseek(file.get(), 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(most));
  if (size < 0 || lseek(file.get(), begin, SEEK_SET) < 0) refuse(path, "cannot be read");
  return {read_on(file, most, path), begin == 0};
}

bool is_there(const fs::path& path) {
  struct stat status {};
  if (disk::stat(path, status) == 0) return true;
  if (is_missing(errno)) return false;
  refuse(path, "cannot be looked at");
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::span(&text, 1));
}

void write_file_atomically(const fs::path& path, std::span<const std::string_view> texts) {
  // Keeps two writers of one folder apart: process numbers alone are the same on two machines.
  const fs::path part = path.string() + ".part." + std::to_string(getpid()) + "-" +
                        std::to_string(std::random_device()());
  try {
    const Descriptor file = opened(part, O_WRONLY | O_CREAT | O_TRUNC, path);
    for (const std::string_view text : texts) write_all(file.get(), text, path);
    if (disk::sync(file.get(), path) != 0) refuse(path, "cannot be written");
    if (disk::rename(part, path) != 0) refuse(path, "cannot be written");
  } catch (const Error&) {
    disk::remove(part);  // as far as it goes: the folder itself may be what is missing
    throw;
  }
}

GrowingFile::GrowingFile(fs::path path, Start start) : path_(std::move(path)) {
  const int whole = start == Start::empty ? O_TRUNC : 0;
  file_ = Descriptor(disk::open(path_, O_WRONLY | O_CREAT | O_APPEND | whole));
  if (!is_open()) refuse(path_, "cannot be written");
}

void GrowingFile::append(std::string_view text) { write_all(file_.get(), text, path_); }

void sync_file(const fs::path& path) {
  const Descriptor file = opened(path, O_RDONLY, path);
  if (disk::sync(file.get(), path) != 0) refuse(path, "cannot be written");
}

void remove_file(const fs::path& path) {
  if (disk::remove(path) != 0 && !is_missing(errno)) refuse(path, "cannot be removed");
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (disk::rename(from, to) != 0) refuse(to, "cannot be created");
}

void remove_folder(const fs::path& path) {
  std::vector<fs::path> inside;
  std::error_code code;
  for (fs::directory_iterator at(path, code), end; !code && at != end; at.increment(code)) {
    inside.push_back(at->path());
  }
  if (code && !is_missing(code.value())) {
    throw SystemError(path.string(), "cannot be removed: " + code.message());
  }
  for (const fs::path& each : inside) {
    const bool is_folder = fs::symlink_status(each, code).type() == fs::file_type::directory;
    is_folder ? remove_folder(each) : remove_file(each);
  }
  remove_file(path);
}

void make_folder(const fs::path& path) {
  struct stat status {};
  if (disk::stat(path, status) == 0) {
    if (!S_ISDIR(status.st_mode)) throw Error(path.string(), "is not a folder");
    return;
  }
  if (errno != ENOENT) refuse(path, "cannot be created");
  const fs::path normal = path.has_filename() ? path : path.parent_path();
  if (normal.has_parent_path() && normal.parent_path() != normal) make_folder(normal.parent_path());
  if (disk::make_folder(normal) == 0) return;
  const bool is_made = errno == EEXIST;  // by another process, between the two calls
  if (!is_made || disk::stat(path, status) != 0) refuse(path, "cannot be created");
  if (!S_ISDIR(status.st_mode)) throw Error(path.string(), "is not a folder");
}

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file = opened(path, O_RDONLY, path);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw Error(path.string(), reason(errno));
  if (!S_ISREG(status.st_mode)) throw Error(path.string(), "is not a regular file");
  if (status.st_size == 0) return;
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (address == MAP_FAILED) throw Error(path.string(), "cannot be mapped: " + reason(errno));
  data_ = static_cast<const unsigned char*>(address);
  size_ = size;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<unsigned char*>(data_), size_);
}

}  // namespace gapbench
