#include "core/isolated.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>

#include "gapbench/error.h"

namespace gapbench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t end_of_texts = UINT64_MAX;  // so that exit(0) in the work is not its end
constexpr std::uint64_t longest_text = 1U << 24;
constexpr int threw = 1;

std::string reason() { return std::strerror(errno); }

/// Of `size` bytes: how many could be read, before the end or the deadline.
std::size_t read_until(int fd, char* bytes, std::size_t size, Clock::time_point deadline) {
  std::size_t got = 0;
  while (got < size) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd watched{fd, POLLIN, 0};
    const int ready = poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
    if (ready < 0 && errno != EINTR) break;
    if (ready > 0) {
      const ssize_t part = read(fd, bytes + got, size - got);
      if (part == 0 || (part < 0 && errno != EINTR)) break;
      got += static_cast<std::size_t>(std::max<ssize_t>(part, 0));
    } else if (left <= 0) {
      break;
    }
  }
  return got;
}

void write_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t part = write(fd, bytes, size);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) _exit(threw);  // nobody listens any more
    bytes += part;
    size -= static_cast<std::size_t>(part);
  }
}

/// The child's life. It leaves by _exit: neither our exit handlers nor our buffers are its business.
[[noreturn]] void live(const std::function<void(const Isolated::Send&)>& work, int texts,
                       int printed, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(threw);
  constexpr rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  dup2(printed, STDOUT_FILENO);
  dup2(printed, STDERR_FILENO);
  try {
    work([texts](std::string_view text) {
      const std::uint64_t size = text.size();
      write_all(texts, reinterpret_cast<const char*>(&size), sizeof size);
      write_all(texts, text.data(), text.size());
    });
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    std::fflush(stderr);
    _exit(threw);
  }
  std::fflush(nullptr);  // what the work has printed
  write_all(texts, reinterpret_cast<const char*>(&end_of_texts), sizeof end_of_texts);
  _exit(0);
}

std::string all_printed(int fd) {
  constexpr off_t tail = 4096;
  const off_t size = lseek(fd, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, tail)), '\0');
  const ssize_t got = pread(fd, text.data(), text.size(), std::max<off_t>(0, size - tail));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

}  // namespace

Isolated::Isolated(const std::function<void(const Send&)>& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error("process", "no pipe: " + reason());
  texts_ = ends[0];
  printed_ = memfd_create("printed", MFD_CLOEXEC);
  std::fflush(nullptr);  // or the child would write what is ours a second time
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) {
    const std::string why = reason();
    for (const int fd : {ends[0], ends[1], printed_}) close(fd);
    throw Error("process", "no new process: " + why);
  }
  if (pid_ == 0) live(work, ends[1], printed_, parent);
  close(ends[1]);
  setpgid(pid_, pid_);  // both sides: whoever comes first
}

Isolated::~Isolated() {
  end(Clock::now());
  close(texts_);
  close(printed_);
}

std::optional<std::string> Isolated::receive(double seconds) {
  if (pid_ < 0) return std::nullopt;
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(seconds));
  std::uint64_t size = 0;
  char head[sizeof size];
  if (read_until(texts_, head, sizeof head, deadline) == sizeof head) {
    std::memcpy(&size, head, sizeof size);
    if (size == end_of_texts) {
      end(deadline);
      how_.clear();
      return std::nullopt;
    }
    std::string text(std::min(size, longest_text), '\0');
    if (size <= longest_text && read_until(texts_, text.data(), size, deadline) == size)
      return text;
  }
  if (!end(deadline)) how_ = fmt::format("did not end within {:g} s", seconds);
  if (const std::string line = printed(); !line.empty()) how_ += ": " + line;
  return std::nullopt;
}

std::string Isolated::printed() const { return last_line_of(all_printed(printed_)); }

/// Waits for the child and says in how_ how it ended; after the deadline kills it and returns false.
bool Isolated::end(Clock::time_point deadline) {
  if (pid_ < 0) return true;
  int status = 0;
  bool by_itself = true;
  while (waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) {
      by_itself = false;
      kill(-pid_, SIGKILL);
      kill(pid_, SIGKILL);  // it may have left its group
      waitpid(pid_, &status, 0);
      break;
    }
    usleep(200);
  }
  kill(-pid_, SIGKILL);  // whatever it has left behind in its group
  pid_ = -1;
  how_ = WIFSIGNALED(status) ? signal_name(WTERMSIG(status))
                             : fmt::format("ended the program with code {}", WEXITSTATUS(status));
  return by_itself;
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  if (name == nullptr) return "signal " + std::to_string(signal);
  return std::string("SIG") + name;
}

std::string last_line_of(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == text.npos) return "";
  text = text.substr(0, end + 1);
  const std::size_t begin = text.find_last_of('\n');
  if (begin != text.npos) text.remove_prefix(begin + 1);
  text.remove_prefix(text.find_first_not_of(" \t"));
  return std::string(text.substr(0, 300));
}

}  // namespace gapbench
