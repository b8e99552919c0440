#include "run/slurm/command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/descriptor.h"
#include "gapbench/error.h"

namespace gapbench::run::slurm {
namespace {

/// What a process has written there, from the beginning.
std::string text_of(const Descriptor& file) {
  std::string text;
  std::array<char, 65536> piece{};
  ssize_t got = 0;
  while ((got = pread(file.get(), piece.data(), piece.size(), static_cast<off_t>(text.size()))) >
         0) {
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return text;
}

class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// It hears signals, whatever this process holds back.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

Answer call(const char* who, const std::vector<std::string>& words) {
  // Files in memory: no pipe that could fill up while nobody reads.
  const Descriptor output(memfd_create("output", MFD_CLOEXEC));
  const Descriptor error(memfd_create("error", MFD_CLOEXEC));
  Actions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), output.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), error.get(), STDERR_FILENO);
  const Attributes attributes;
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, arguments[0], actions.get(), attributes.get(),
                                  arguments.data(), environ);
  if (failed == ENOENT) {
    throw Error(who, words[0] + " is not in PATH: run this on a machine from which Slurm is used");
  }
  if (failed != 0) throw Error(who, words[0] + " cannot be started: " + std::strerror(failed));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of(output),
          text_of(error)};
}

}  // namespace gapbench::run::slurm
