// Worker processes: starting one on given cores, and saying in words how it ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/descriptor.h"
#include "run/memory_group.h"

namespace gapbench::run {

/// The name of the environment variable that tells a worker which descriptor to report progress on.
inline constexpr const char* progress_variable = "GAPBENCH_PROGRESS";

/// What to start and where.
struct Launch {
  std::vector<std::string> command;                              ///< a full path and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to our own
  std::vector<int> cores;                                        ///< empty: as we have
  /// Most private memory of the worker (RLIMIT_DATA); where a control group can be made, a quarter
  /// more, 128 MB at least, for it and all that it starts.
  std::optional<std::uint64_t> memory_bytes;
  std::filesystem::path system = "/";  ///< where /proc and /sys are
  std::filesystem::path log;           ///< gets standard output and standard error, from empty
};

/// A running worker: its own process group, killed when this process dies.
struct Child {
  pid_t pid = -1;
  /// A file in memory that outlives a worker however it ends: its last line is "<step> <steps>
  /// [<first step>]".
  Descriptor progress;
  std::optional<MemoryGroup> memory{};
};

/// Throws Error when the log cannot be opened or the system refuses a process. A command that
/// cannot be executed is a child that exits with 127 and says so in its log.
Child launch(const Launch& what);

/// The cores this process may use, ascending.
std::vector<int> allowed_cores();

/// The last line of the file that is not blank, at most 300 bytes; empty where there is none.
std::string last_line(const std::filesystem::path& file);

}  // namespace gapbench::run
