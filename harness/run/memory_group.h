// A limit of memory on a worker and all that it starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace gapbench::run {

/// A control group with a limit of memory, made below the group of this process or beside it, and
/// taken away with whatever is still in it. Single owner; not for use by several threads.
class MemoryGroup {
 public:
  /// Nothing where the system has no memory controller for us or no leave to make a group: version 2
  /// needs a parent that hands the controller down, as of `systemd-run --user --scope`. `root`: where
  /// /proc and /sys are; another one is for tests.
  static std::optional<MemoryGroup> make(std::uint64_t bytes,
                                         const std::filesystem::path& root = "/");

  MemoryGroup(MemoryGroup&& other) noexcept;
  MemoryGroup& operator=(MemoryGroup&& other) noexcept;
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;
  /// Kills what is in the group.
  ~MemoryGroup();

  /// A process that writes "0" to it is in the group from then on.
  std::filesystem::path members() const { return folder_ / "cgroup.procs"; }

  /// Has the kernel killed one of the group for want of memory?
  bool had_oom_kill() const;

 private:
  MemoryGroup(std::filesystem::path folder, bool is_version_2);
  bool limit(std::uint64_t bytes) const;
  void remove() noexcept;

  std::filesystem::path folder_;  ///< empty where moved from
  bool is_version_2_;
};

/// What a trial with a limit of private memory may have with all that is beside it, the program's own
/// pages among them: a quarter more, 128 MB at least.
std::uint64_t with_program(std::uint64_t trial_bytes);

}  // namespace gapbench::run
