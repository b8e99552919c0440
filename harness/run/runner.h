// Running a suite: worker processes on disjoint cores, finished trials skipped.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "suite/suite.h"

namespace gapbench::run {

struct RunOptions {
  std::filesystem::path results = "results";
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  std::size_t jobs = 1;                ///< trials side by side
  std::optional<std::size_t> threads;  ///< per trial; nothing: the cores divided by the jobs
  std::optional<double> timeout_seconds;
  bool force = false;  ///< run finished trials again
  bool quiet = false;
};

/// 0 all trials ok (or nothing left to do) · 2 some trial is not ok · 130 interrupted.
/// Prints one line a finished trial with an ETA, a bar on a terminal, and a closing line with the
/// count of every status; for each trial that is not ok, its reason, step and a command that
/// repeats it. Throws Error for a results folder that cannot be written, before any trial starts.
int run_suite(const suite::Suite& suite, const RunOptions& options);

/// The worker's main: runs the trial whose trial.yaml lies in `folder` and writes its record.
struct WorkerOptions {
  std::filesystem::path folder;
  std::filesystem::path data_root;
  std::vector<std::filesystem::path> plugin_folders;
  std::size_t threads = 1;
  bool shared_machine = false;
};
int run_worker(const WorkerOptions& options);

}  // namespace gapbench::run
