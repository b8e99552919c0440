// Which trials are to be submitted, and in which arrays.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "run/options.h"
#include "run/slurm/queue.h"
#include "run/slurm/submission.h"
#include "suite/suite.h"

namespace gapbench::run::slurm {

/// A trial that has not ended.
struct Open {
  Task task;
  bool tuning = false;
  std::vector<std::size_t> after;  ///< indices of the trials that it waits for, open or not
};

/// A suite before a submission.
struct Standing {
  std::vector<Open> open;    ///< in the suite's order
  std::size_t finished = 0;  ///< of those that are asked for
  bool is_ok = false;        ///< nothing is open, and all is well
  std::string text;          ///< what is to be said of it: lines
};

/// What of `part` has not ended. `part`: a sealed suite without some of the seeds of `whole`; the
/// selection and share of `options` hold. Indices are those of `whole`.
Standing standing(const suite::Suite& whole, const suite::Suite& part, const RunOptions& options);

/// An array to be submitted.
struct Group {
  std::vector<Task> tasks;
  std::vector<std::size_t> after_groups;  ///< earlier ones, by place
  std::vector<std::string> after_jobs;    ///< of earlier submissions
};

/// Those of `open` that Slurm does not have, in arrays of `largest` tasks at most: trials of one array
/// wait for none of it, and each array for those that hold what one of its trials waits for. Where
/// only so many tasks may be at work at once (`chained`), arrays of one kind follow each other: Slurm
/// counts by array.
std::vector<Group> groups(const std::vector<Open>& open, const Queue& queue, std::size_t largest,
                          bool chained);

}  // namespace gapbench::run::slurm
