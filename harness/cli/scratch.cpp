#include "cli/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "gapbench/error.h"

namespace gapbench::cli {
namespace {

/// Waits for the end of the other process, which closes the line, and cleans up after it.
[[noreturn]] void keep_house(int line, const std::filesystem::path& folder) {
  setsid();  // a signal to the terminal's foreground is not for us
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  const int nothing = open("/dev/null", O_RDWR);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, fd);
  char word = 0;
  ssize_t got = 0;
  while ((got = read(line, &word, 1)) < 0 && errno == EINTR) {
  }
  std::error_code ignored;
  // Workers of a killed process end a moment after it, and may still be writing.
  for (int again = 0; got == 0 && again < 50; ++again) {
    std::filesystem::remove_all(folder, ignored);
    if (!std::filesystem::exists(folder, ignored)) break;
    usleep(100'000);
  }
  _exit(0);
}

}  // namespace

Scratch::Scratch(const char* purpose) {
  std::string name =
      (std::filesystem::temp_directory_path() / (std::string("gapbench-") + purpose + "-XXXXXX"))
          .string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(name, std::string("cannot be made: ") + std::strerror(errno) + "; give --output");
  }
  folder_ = name;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;  // then only our own end cleans up
  line_ = ends[1];
  std::fflush(nullptr);
  keeper_ = fork();
  if (keeper_ == 0) {
    close(ends[1]);
    keep_house(ends[0], folder_);
  }
  close(ends[0]);
}

void Scratch::keep() {
  if (line_ >= 0 && write(line_, "k", 1) == 1) close(std::exchange(line_, -1));
  folder_.clear();
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  if (line_ >= 0) close(line_);
  if (keeper_ > 0) waitpid(keeper_, nullptr, 0);
}

}  // namespace gapbench::cli
