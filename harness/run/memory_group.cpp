#include "run/memory_group.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "run/control_groups.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

bool write(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  return (out << text).flush().good();
}

/// Does a group of version 2 hand the memory controller to the groups below it?
bool hands_down(const fs::path& group) {
  std::ifstream in(group / "cgroup.subtree_control");
  for (std::string word; in >> word;) {
    if (word == "memory") return true;
  }
  return false;
}

/// Groups in which one of ours may lie: in version 2 those with processes of their own hand nothing
/// down, so that the one above may serve.
std::vector<fs::path> parents(const ControlGroup& own) {
  if (!own.is_version_2) return {own.levels.front()};
  std::vector<fs::path> found;
  for (const fs::path& level : own.levels) {
    if (found.size() < 2 && hands_down(level)) found.push_back(level);
  }
  return found;
}

/// Of a coordinator that was killed: a group without processes, named after one that is no more.
void remove_left_behind(const fs::path& parent) {
  std::error_code code;
  for (fs::directory_iterator at(parent, code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename().string();
    int process = 0;
    if (std::sscanf(name.c_str(), "gapbench-%d-", &process) != 1) continue;
    if (kill(process, 0) != 0 && errno == ESRCH) rmdir(at->path().c_str());
  }
}

/// A new folder "gapbench-<process>-<n>"; empty where none may be made.
fs::path new_group(const fs::path& parent) {
  constexpr int most = 10000;
  for (int n = 0; n < most; ++n) {
    const fs::path folder =
        parent / ("gapbench-" + std::to_string(getpid()) + "-" + std::to_string(n));
    if (mkdir(folder.c_str(), 0755) == 0) return folder;
    if (errno != EEXIST) return {};
  }
  return {};
}

}  // namespace

MemoryGroup::MemoryGroup(fs::path folder, bool is_version_2)
    : folder_(std::move(folder)), is_version_2_(is_version_2) {}

MemoryGroup::MemoryGroup(MemoryGroup&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), is_version_2_(other.is_version_2_) {}

MemoryGroup& MemoryGroup::operator=(MemoryGroup&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(is_version_2_, other.is_version_2_);
  return *this;
}

MemoryGroup::~MemoryGroup() { remove(); }

std::optional<MemoryGroup> MemoryGroup::make(std::uint64_t bytes, const fs::path& root) {
  for (const ControlGroup& own : control_groups(root, "memory")) {
    for (const fs::path& parent : parents(own)) {
      remove_left_behind(parent);
      const fs::path folder = new_group(parent);
      if (folder.empty()) continue;
      MemoryGroup group(folder, own.is_version_2);
      if (group.limit(bytes)) return group;
    }
  }
  return std::nullopt;
}

/// Swap too, where the kernel accounts for it.
bool MemoryGroup::limit(std::uint64_t bytes) const {
  const std::string text = std::to_string(bytes);
  if (!is_version_2_) {
    const bool limited = write(folder_ / "memory.limit_in_bytes", text);
    write(folder_ / "memory.memsw.limit_in_bytes", text);
    return limited;
  }
  write(folder_ / "memory.swap.max", "0");
  write(folder_ / "memory.oom.group", "1");
  return write(folder_ / "memory.max", text);
}

bool MemoryGroup::had_oom_kill() const {
  return oom_kills_in(folder_, is_version_2_).value_or(0) > 0;
}

/// A group can go only when its last process has: a moment after the signal.
void MemoryGroup::remove() noexcept {
  if (folder_.empty()) return;
  constexpr int tries = 100;
  for (int i = 0; i < tries && rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++i) {
    std::ifstream in(members());
    for (pid_t process = 0; in >> process;) kill(process, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::uint64_t with_program(std::uint64_t trial_bytes) {
  constexpr std::uint64_t least = 128ULL << 20U;
  return trial_bytes + std::max(trial_bytes / 4, least);
}

}  // namespace gapbench::run
