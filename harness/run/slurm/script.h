// The batch script of a submission.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "suite/language/slurm.h"

namespace gapbench::run::slurm {

/// What is asked of Slurm, and what each of its tasks is to run.
struct Order {
  std::filesystem::path suite_file;
  std::filesystem::path program;   ///< gapbench
  std::vector<std::string> flags;  ///< of `gapbench run`, for every task; paths from the root
  std::vector<std::string> first_flags{};  ///< when a task is started for the first time only
  std::size_t threads = 1;                 ///< of a trial
  suite::SlurmSettings settings{};
  bool wait = false;
  bool dry_run = false;
};

/// A script of a POSIX shell, called with the number of its array; `folder` is the submission's. It
/// runs one trial, hands SIGUSR1 (a minute before the time limit) and SIGTERM on to it, and puts the
/// task back into the queue where the trial was interrupted: not where Slurm itself ends the task
/// (SIGTERM), and not where Slurm has started the task again elsewhere in the meantime. A trial that
/// is not ok has a record that says so: its task ends well.
std::string batch_script(const Order& order, const std::string& suite,
                         const std::filesystem::path& folder);

}  // namespace gapbench::run::slurm
