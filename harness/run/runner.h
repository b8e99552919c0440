// Running a suite: worker processes on disjoint cores, finished trials skipped.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "suite/suite.h"

namespace gapbench::run {

/// Between two checkpoints of a trial.
inline constexpr double default_checkpoint_seconds = 60;

/// What run_suite() and run_worker() return when a signal has stopped them.
inline constexpr int exit_interrupted = 130;

struct RunOptions {
  std::filesystem::path results = "results";
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  std::size_t jobs = 1;  ///< trials side by side
  /// Per trial; nothing: what the suite says where that is more than 1, else the cores divided by
  /// the jobs.
  std::optional<std::size_t> threads;
  std::optional<double> timeout_seconds;
  double checkpoint_seconds = default_checkpoint_seconds;
  bool force = false;         ///< run finished trials again
  bool quiet = false;         ///< the closing lines only
  bool scratch = false;       ///< the records do not stay: the closing line does not name them
  double grace_seconds = 10;  ///< what a worker gets to end by itself after SIGTERM
  /// What to start; `worker --record DIR ...` is appended. Another one is for tests.
  std::vector<std::string> worker_command{"/proc/self/exe"};
};

/// Runs what is not finished of a sealed suite, in the order of its trials; one that follows others
/// after those. A suite with searches runs its tuning trials first, chooses from their records,
/// notes that in tuning.json, and goes on with the trials that count. Tuning trials that fail cost
/// their configuration, not the exit code.
///
/// 0: every trial of the suite is ok, those finished before included (then there is nothing to do,
/// and it says so) · 2: some trial is not ok · 130: interrupted. Finished means any status but
/// `interrupted`; `force` runs all again.
/// Prints one line a finished trial with an ETA, a bar on a terminal, and a closing line with the
/// count of every status; for each trial that is not ok, its reason, step and a command that
/// repeats it. Throws Error for a results folder that cannot be written or that another run is
/// writing to, and for a suite of no trials, before any trial starts.
int run_suite(const suite::Suite& suite, const RunOptions& options);

/// The worker's main: runs the trial whose trial.yaml lies in `folder` and writes its record. It
/// goes on from a checkpoint that an earlier attempt of the same build and plugins left there, else
/// it replaces what that left. 0 ok · 2 not ok · 130 interrupted (SIGINT, SIGTERM). Everything that
/// goes wrong with the trial is an outcome in its summary; throws Error only when there is no
/// readable trial.yaml or the record cannot be written.
struct WorkerOptions {
  std::filesystem::path folder;
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  std::size_t threads = 1;
  bool shared_machine = false;
  double checkpoint_seconds = default_checkpoint_seconds;
};
int run_worker(const WorkerOptions& options);

}  // namespace gapbench::run
