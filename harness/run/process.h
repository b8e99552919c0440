// Worker processes: starting one on given cores, and saying in words how it ended.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace gapbench::run {

/// The name of the environment variable that tells a worker which descriptor to report progress on.
inline constexpr const char* progress_variable = "GAPBENCH_PROGRESS";

/// What to start and where.
struct Launch {
  std::vector<std::string> command;                              ///< a full path and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to our own
  std::vector<int> cores;                                        ///< empty: as we have
  std::filesystem::path log;  ///< gets standard output and standard error, from empty
};

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

/// A running worker: its own process group, killed when this process dies.
struct Child {
  pid_t pid = -1;
  Descriptor progress;  ///< reading end, non-blocking: lines "<step> <steps>"
};

/// Throws Error when the log cannot be opened or the system refuses a process. A command that
/// cannot be executed is a child that exits with 127 and says so in its log.
Child launch(const Launch& what);

/// The cores this process may use, ascending.
std::vector<int> allowed_cores();

/// The last line of the file that is not blank, at most 300 bytes; empty where there is none.
std::string last_line(const std::filesystem::path& file);

}  // namespace gapbench::run
