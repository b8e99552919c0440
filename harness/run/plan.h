// Which trials of a suite have to run, and where.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "run/record.h"
#include "run/runner.h"

namespace gapbench::run {

struct Plan {
  std::vector<std::size_t> tasks;  ///< indices into the suite's trials
  std::vector<Record> records;     ///< one a task, as planned
  std::vector<std::string> why;    ///< one a task: why it runs again; empty for the first time
  std::map<train::Status, std::size_t> finished_before;
  std::vector<std::vector<int>> slots;  ///< cores of each worker side by side
  std::vector<std::string> warnings;
  bool shared = false;  ///< trials run side by side
};

/// Throws Error for jobs or threads of 0.
Plan make_plan(const suite::Suite& suite, const RunOptions& options);

/// Those of the suite's trials that have ended, as their folders tell it; none that cannot be read.
std::vector<Record> finished_records(const suite::Suite& suite,
                                     const std::filesystem::path& results);

/// "8 trials: 2 finished already, 6 to run, 2 side by side", warnings, and why trials run again.
void print_plan(const suite::Suite& suite, const Plan& plan, const RunOptions& options);

/// The cores of `count` workers of `threads` threads: disjoint as long as there are enough.
std::vector<std::vector<int>> share_cores(const std::vector<int>& cores, std::size_t count,
                                          std::size_t threads);

}  // namespace gapbench::run
