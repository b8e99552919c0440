// Where every trial of a suite stands: from its records and leases, and from Slurm where it was
// submitted there.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "records/record_json.h"

namespace gapbench::run {

/// One trial. `state` is a status of its record (ok, diverged, ...), or
///   running      a run is at it: it holds the trial's lease
///   starting     Slurm has started its task, and no run has taken it yet
///   queued       Slurm has its task
///   interrupted  begun, nobody is at it, and it goes on from a checkpoint
///   cut_off      the same without a checkpoint: it begins anew
///   no_record    its task in Slurm has ended and has left nothing
///   broken       its record cannot be read
///   open         not begun, not submitted
struct TrialState {
  std::string place;  ///< of its record in the suite's folder
  std::string state;
  std::string detail{};  ///< "on another machine", "Resources", "at step 12 of 100"
  std::string job{};     ///< "12_3", where Slurm has it
};

struct Status {
  std::string suite;
  std::vector<TrialState> trials;  ///< those of suite.json in its order, then tuning, then others
  std::string note{};  ///< why Slurm could not be asked; empty where it was, or need not be

  std::map<std::string, std::size_t> counts() const;
};

/// `folder`: results/<suite>. Throws Error where it is none.
Status status(const std::filesystem::path& folder);

/// The counts, one a line; with `trials` a line for each trial.
std::string to_text(const Status& status, bool trials);
records::Json to_json(const Status& status);

}  // namespace gapbench::run
