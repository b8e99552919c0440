#include "cli/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "cli/commands.h"

namespace gapbench::cli {
namespace {

bool is_reader_gone(int fd) {
  pollfd watched{fd, POLLOUT, 0};
  return poll(&watched, 1, 0) == 1 && (watched.revents & POLLERR) != 0;
}

/// Cuts a regular file after its last line feed, if that is among the last bytes.
void drop_cut_line(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  const int in = open("/proc/self/fd/1", O_RDONLY | O_CLOEXEC);
  if (in < 0) return;
  std::array<char, 65536> tail{};
  const off_t begin = std::max<off_t>(0, status.st_size - static_cast<off_t>(tail.size()));
  const ssize_t got = pread(in, tail.data(), tail.size(), begin);
  close(in);
  for (ssize_t i = got; i > 0; --i) {
    if (tail[static_cast<std::size_t>(i - 1)] != '\n') continue;
    if (ftruncate(fd, begin + i) != 0) return;
    return;
  }
}

}  // namespace

void open_closed_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
  }
}

int checked_output(int code) {
  const bool was_lost = std::ferror(stdout) != 0;
  errno = 0;
  const bool is_lost = std::fflush(stdout) != 0;
  const int why = errno;
  if (!was_lost && !is_lost) return code;
  if (is_reader_gone(STDOUT_FILENO)) return code;
  drop_cut_line(STDOUT_FILENO);
  std::fprintf(stderr, "gapbench: standard output: not all could be written: %s\n",
               why != 0 ? std::strerror(why) : "a full disk?");
  return usage_error;
}

}  // namespace gapbench::cli
