// What a run and its workers are asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "run/selection.h"
#include "train/outcome.h"

namespace gapbench::plugin {
class Registry;
}

namespace gapbench::run {

/// Between two checkpoints of a trial.
inline constexpr double default_checkpoint_seconds = 60;

/// What run_suite() and run_worker() return when a signal has stopped them.
inline constexpr int exit_interrupted = 130;

/// Where the trials of a run are at work.
enum class Where {
  here,          ///< this machine is the run's own: its cores are dealt out
  among_others,  ///< a scheduler has put this run beside others: cores stay as given, times are marked
  elsewhere      ///< on machines that are not known: planned only
};

struct RunOptions {
  std::filesystem::path results = "results";
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  /// What the folders hold, where that is known: each worker then opens only the libraries that its
  /// trial names, and finished trials of other libraries are seen. Must outlive the run.
  const plugin::Registry* plugins = nullptr;
  std::size_t jobs = 1;  ///< trials side by side
  /// Per trial; nothing: what the suite says where that is more than 1, else the cores divided by
  /// the jobs.
  std::optional<std::size_t> threads;
  std::optional<double> timeout_seconds;
  /// Private memory of one trial; one that wants more ends as out_of_memory.
  std::optional<std::uint64_t> memory_bytes{};
  double checkpoint_seconds = default_checkpoint_seconds;
  bool force = false;         ///< run finished trials again
  bool redo_changed = false;  ///< run those again whose plugins are other libraries now
  /// Run those again that ended so; what they left is kept beside.
  std::set<train::Status> retry{};
  /// Choose among the configurations that are left where tuning trials failed; else the trials that
  /// wait for that choice are not run.
  bool choose_without_failed = false;
  Selection only{};  ///< of the trials
  Shard shard{};
  /// A run that gave no sign for so long has lost the trials it was at work on.
  double lease_seconds = 60;
  bool quiet = false;  ///< the closing lines only
  Where where = Where::here;
  bool scratch = false;       ///< the records do not stay: the closing line does not name them
  double grace_seconds = 10;  ///< what a worker gets to end by itself after SIGTERM
  /// What to start; `worker --record DIR ...` is appended. Another one is for tests.
  std::vector<std::string> worker_command{"/proc/self/exe"};
  std::filesystem::path system = "/";  ///< where /proc and /sys are; another one is for tests
};

struct WorkerOptions {
  std::filesystem::path folder;
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  std::size_t threads = 1;
  bool shared_machine = false;
  double checkpoint_seconds = default_checkpoint_seconds;
};

}  // namespace gapbench::run
