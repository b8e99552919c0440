// How far a suite has come, from its records alone: the folder may be on another machine's disk.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "records/record.h"

namespace gapbench::watch {

/// A trial without a summary yet. It may be running, or its worker may have died without a word.
struct Begun {
  std::string name;  ///< "cifar10/cnn3/sgd/seed-1-0f9f6ddd"
  std::optional<train::Evaluation> last;
  std::optional<double> done;     ///< of its budget at the last evaluation or checkpoint, 0 to 1
  double quiet_seconds = 0;       ///< since any of its files changed
  std::string broken;             ///< what of its files could not be read
  double spent_seconds = 0;       ///< until then
  double remaining_seconds = -1;  ///< at the pace so far; negative: unknown
};

struct Failed {
  std::string name;
  std::string why;  ///< "diverged at step 120: the loss is not finite"
};

struct SuiteProgress {
  std::vector<std::string> suites;
  std::size_t total = 0;  ///< trials of the suites; of what was found where they do not say
  std::map<train::Status, std::size_t> done;
  std::vector<Begun> begun;
  std::size_t waiting = 0;
  std::size_t tuned = 0;   ///< finished trials that only help to choose settings
  std::size_t tuning = 0;  ///< and those begun; how many there will be is not known
  std::vector<Failed> failed;
  std::vector<records::BrokenRecord> broken;
  std::optional<double> seconds_left;  ///< with as many trials side by side as now

  std::size_t finished() const;
  bool is_finished() const { return finished() == total && total > 0; }
};

/// Broken and half-written records are counted and named, never an Error; neither is a suite's
/// folder without any trial yet. Throws Error for a folder that is not there and for one that holds
/// neither records nor a suite.json.
SuiteProgress look(const std::vector<std::filesystem::path>& roots);

/// "cifar-smoke: 5 of 8 done (4 ok, 1 diverged), 2 begun, 1 waiting; about 6 min 05 s left", "; tuning: 2
/// finished, 1 begun" behind what waits while settings are being chosen, and a
/// line for each begun, failed and broken trial, up to `most` of each kind. Control characters in
/// names and reasons are made harmless.
std::string to_text(const SuiteProgress& progress, std::size_t most = 15);

}  // namespace gapbench::watch
