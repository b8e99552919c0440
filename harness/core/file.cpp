#include "core/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>
#include <utility>

#include "core/descriptor.h"
#include "gapbench/error.h"

namespace gapbench {
namespace {

std::string reason(int code) { return std::generic_category().message(code); }

/// `named`: what the user knows the file as.
Descriptor opened(const std::filesystem::path& path, int flags,
                  const std::filesystem::path& named) {
  Descriptor file(open(path.c_str(), flags, 0644));
  if (file.get() < 0) throw Error(named.string(), "cannot be opened: " + reason(errno));
  return file;
}

void write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw Error(path.string(), "cannot be written: " + reason(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(path, ignored))
    throw Error(path.string(), "cannot be read");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) throw Error(path.string(), "reading it broke off");
  return text;
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  write_file_atomically(path, std::span(&text, 1));
}

void write_file_atomically(const std::filesystem::path& path,
                           std::span<const std::string_view> texts) {
  // Keeps two writers of one folder apart: process numbers alone are the same on two machines.
  const std::filesystem::path part = path.string() + ".part." + std::to_string(getpid()) + "-" +
                                     std::to_string(std::random_device()());
  try {
    const Descriptor file = opened(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, path);
    for (const std::string_view text : texts) write_all(file.get(), text, path);
    if (fsync(file.get()) != 0) throw Error(path.string(), "cannot be written: " + reason(errno));
    std::filesystem::rename(part, path);
  } catch (const std::filesystem::filesystem_error& e) {
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
    throw Error(path.string(), "cannot be written: " + e.code().message());
  } catch (const Error&) {
    std::error_code ignored;  // the folder itself may be what is missing
    std::filesystem::remove(part, ignored);
    throw;
  }
}

void sync_file(const std::filesystem::path& path) {
  const Descriptor file = opened(path, O_RDONLY | O_CLOEXEC, path);
  if (fsync(file.get()) != 0) throw Error(path.string(), "cannot be written: " + reason(errno));
}

void make_folder(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) throw Error(path.string(), "cannot be created: " + code.message());
  if (!std::filesystem::is_directory(path, code)) throw Error(path.string(), "is not a folder");
}

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file = opened(path, O_RDONLY | O_CLOEXEC, path);
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
