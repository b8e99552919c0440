// What Slurm has of us: squeue, sbatch, scancel, scontrol.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "run/slurm/submission.h"

namespace gapbench::run::slurm {

/// A task that Slurm has and that has not ended.
struct Live {
  std::string job;        ///< "12_3"
  std::string array;      ///< "12"
  bool is_queued = true;  ///< else it is at work
  std::string reason;     ///< why it waits, in Slurm's word: "Resources"
};

/// By the place of the task's record.
using Queue = std::map<std::string, Live>;

/// Throws Error where Slurm is not there or does not answer.
Queue queue(const std::vector<Submission>& submissions);

/// The task of a record's place: also one that was submitted before its settings were chosen, whose
/// place had no hash then. Null where Slurm has none.
const Live* find(const Queue& queue, const std::string& place);

/// How many tasks an array may have here; Slurm's own default where it does not say.
std::size_t largest_array();

/// Submits and returns the job's number. Throws Error with Slurm's words.
std::string submit(const std::vector<std::string>& options);

/// Ends the jobs. Throws Error with Slurm's words.
void cancel(const std::vector<std::string>& jobs);

}  // namespace gapbench::run::slurm
