#include "run/process.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/disk.h"
#include "core/file.h"
#include "core/isolated.h"
#include "gapbench/error.h"
#include "run/signals.h"

namespace gapbench::run {
namespace {

constexpr int child_progress_fd = 3;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// Our environment with the additions in place of variables of the same name.
std::vector<std::string> merged_environment(const Launch& what) {
  std::vector<std::string> merged;
  for (const auto& [name, value] : what.environment) merged.push_back(name + "=" + value);
  merged.push_back(std::string(progress_variable) + "=" + std::to_string(child_progress_fd));
  const std::size_t added = merged.size();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string line = *entry;
    const std::string head = line.substr(0, line.find('=') + 1);
    bool replaced = false;
    for (std::size_t i = 0; i < added; ++i) {
      replaced = replaced || merged[i].compare(0, head.size(), head) == 0;
    }
    if (!replaced) merged.push_back(line);
  }
  return merged;
}

/// All that the child needs, made before the fork: after it only system calls are safe.
struct Prepared {
  std::vector<std::string> command;
  std::vector<std::string> environment;
  cpu_set_t cores;
  bool pinned = false;
  std::optional<std::uint64_t> memory_bytes;
  int members = -1;  ///< of the control group to join
  int log = -1;
  int progress = -1;
  pid_t parent = 0;
};

void reset_signals() {
  for (const int signal : stop_signals) ::signal(signal, SIG_DFL);
  for (const int signal : {SIGCHLD, SIGPIPE}) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const Prepared& p, char* const* arguments, char* const* environment) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != p.parent) _exit(127);  // the parent died before the line above
  reset_signals();
  if (p.pinned) sched_setaffinity(0, sizeof p.cores, &p.cores);
  constexpr char self[] = "0";
  if (p.members >= 0 && write(p.members, self, 1) < 0) close(p.members);  // the other limit is left
  if (p.memory_bytes) {
    const rlimit limit{*p.memory_bytes, *p.memory_bytes};
    setrlimit(RLIMIT_DATA, &limit);
  }
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(p.log, STDOUT_FILENO);
  dup2(p.log, STDERR_FILENO);
  if (p.progress == child_progress_fd) {
    fcntl(p.progress, F_SETFD, 0);
  } else {
    dup2(p.progress, child_progress_fd);
  }
  execve(arguments[0], arguments, environment);
  const char* why = strerror(errno);
  constexpr char text[] = "worker cannot be started: ";
  bool written = write(STDERR_FILENO, text, sizeof text - 1) > 0;
  written = written && write(STDERR_FILENO, why, strlen(why)) > 0;
  _exit(written ? 127 : 126);
}

Prepared prepare(const Launch& what) {
  Prepared p;
  p.command = what.command;
  p.environment = merged_environment(what);
  p.parent = getpid();
  CPU_ZERO(&p.cores);
  for (const int core : what.cores) CPU_SET(static_cast<std::size_t>(core), &p.cores);
  p.pinned = !what.cores.empty();
  p.memory_bytes = what.memory_bytes;
  return p;
}

}  // namespace

Child launch(const Launch& what) {
  Prepared p = prepare(what);
  const Descriptor log(disk::open(what.log, O_WRONLY | O_CREAT | O_TRUNC));
  if (log.get() < 0)
    throw SystemError(what.log.string(), std::string("cannot be opened: ") + std::strerror(errno));
  Child child;
  child.progress = Descriptor(memfd_create("progress", MFD_CLOEXEC));
  if (child.progress.get() < 0) {
    throw Error(what.command.at(0), std::string("no memory file: ") + std::strerror(errno));
  }
  if (what.memory_bytes) {
    child.memory = MemoryGroup::make(with_program(*what.memory_bytes), what.system);
  }
  const Descriptor members(
      child.memory ? open(child.memory->members().c_str(), O_WRONLY | O_CLOEXEC) : -1);
  p.members = members.get();
  p.log = log.get();
  p.progress = child.progress.get();
  const std::vector<char*> arguments = pointers(p.command);
  const std::vector<char*> environment = pointers(p.environment);
  child.pid = fork();
  if (child.pid < 0) {
    throw Error(what.command.at(0), std::string("no new process: ") + std::strerror(errno));
  }
  if (child.pid == 0) become(p, arguments.data(), environment.data());
  setpgid(child.pid, child.pid);  // both sides: whoever comes first
  return child;
}

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(static_cast<std::size_t>(core), &set)) cores.push_back(core);
  }
  return cores;
}

std::string last_line(const std::filesystem::path& file) {
  constexpr std::size_t tail = 4096;
  try {
    return last_line_of(read_tail(file, tail).text);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace gapbench::run
