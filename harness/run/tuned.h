// What tuning has left, and whether settings can be chosen from it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "records/record.h"
#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

struct Tuned {
  suite::Suite stage;                    ///< every tuning trial of the suite
  suite::Suite asked;                    ///< those that the selection waits for
  std::vector<suite::Tried> tried;       ///< of the stage
  std::vector<records::Record> records;  ///< of the stage, for the forecast
  bool is_whole = false;                 ///< all of the stage have ended
  std::size_t missing = 0;               ///< of those asked: have not ended
  std::string failures;                  ///< of those asked, in words; empty where none failed

  /// From all that is asked; where some failed only if the run wants that.
  bool may_choose(const RunOptions& options) const {
    return missing == 0 && (failures.empty() || options.choose_without_failed);
  }
};

/// Of a sealed suite with searches.
Tuned tuned(const suite::Suite& suite, const RunOptions& options);

/// The tuning trials that the selection waits for: of the selected methods, and of those whose choice
/// they take over.
suite::Suite tuning_asked(const suite::Suite& suite, const RunOptions& options,
                          const Shard& shard = {});

/// The suite with the race of candidates that its tuning seeds do not tell apart, as far as those
/// have ended and a choice may be made; else as it is. Of a sealed suite with searches.
suite::Suite with_race(const suite::Suite& suite, const RunOptions& options);

/// What can be run while nothing is chosen: the trials that wait for no choice.
suite::Suite without_choice(const suite::Suite& suite, const RunOptions& options);

/// Why nothing is chosen, and what helps: lines for people. Empty where all is well.
std::string unchosen_text(const Tuned& tuned, const RunOptions& options);

}  // namespace gapbench::run
