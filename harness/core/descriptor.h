// A file descriptor that is closed in time, and locks on files.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace gapbench {

/// A closed-on-destruction file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// The lock of this process on a file or folder, which ends with the descriptor. Throws Error with
/// `busy` where another process holds it, and with the system's reason where nothing there can be
/// locked at all.
Descriptor lock(const std::filesystem::path& path, const std::string& busy);

}  // namespace gapbench
