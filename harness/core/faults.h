// For tests alone: calls of disk.h that fail, in this process and in all that it starts.
//
// The environment variable below names a file that holds a FaultPlan, which all these processes
// share. Without it, or with anything else in the file, nothing ever fails.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace gapbench::disk {

inline constexpr const char* faults_variable = "GAPBENCH_TEST_FAULTS";

/// In place of an errno: a write that writes half.
inline constexpr int short_write = -1;

struct FaultPlan {
  static constexpr char due_mark[] = "gapbench-faults";
  char mark[sizeof due_mark] = {};
  std::atomic<std::uint64_t> calls{0};  ///< so far, of all processes, below the folder
  std::uint64_t first = 0;              ///< the calls that fail, counted from 1; none for 0
  std::uint64_t last = 0;
  int error = 0;  ///< an errno, or short_write
  /// Only calls that a full disk refuses: those that need room.
  bool is_full_disk = false;
  char below[512]{};  ///< the absolute path of the folder that is concerned
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

enum class Call { needs_room, needs_none };

/// What the next call is to fail with: 0, an errno, or short_write. Counts the call.
int next_fault(const std::filesystem::path& path, Call call) noexcept;

}  // namespace gapbench::disk
