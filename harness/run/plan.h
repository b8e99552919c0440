// Which trials of a suite have to run, and where.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "records/record.h"
#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

struct Plan {
  std::vector<std::size_t> tasks;        ///< indices into the suite's trials
  std::vector<records::Record> records;  ///< one a task, as planned
  std::vector<std::string> why;  ///< one a task: why it runs again; empty for the first time
  std::vector<bool> clear;       ///< one a task: nothing of an earlier attempt serves
  /// One a task: how it had ended, where it is to run all the same.
  std::vector<std::optional<train::Status>> ended_as;
  std::map<train::Status, std::size_t> finished_before;
  /// Of those, by the plugin ("optimizer sgd") whose library is another one now: how many. Their
  /// numbers may be those of other code.
  std::map<std::string, std::size_t> of_another_build;
  std::vector<std::vector<int>> slots;  ///< cores of each worker side by side
  /// Trials that this machine cannot run, by the reason: they stay open for one that can.
  std::map<std::string, std::size_t> not_here;
  std::vector<std::string> warnings;
  bool shared = false;  ///< trials run side by side
};

/// Throws Error for jobs or threads of 0.
Plan make_plan(const suite::Suite& suite, const RunOptions& options);

/// Those of the suite's trials that have ended, as their folders tell it; none that cannot be read.
std::vector<records::Record> finished_records(const suite::Suite& suite,
                                              const std::filesystem::path& results);

/// The cores of `count` workers of `threads` threads: disjoint as long as there are enough.
std::vector<std::vector<int>> share_cores(const std::vector<int>& cores, std::size_t count,
                                          std::size_t threads);

}  // namespace gapbench::run
