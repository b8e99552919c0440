// Why a trial would run, or would not.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "plugin/registry.h"
#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

struct Reason {
  std::string trial;  ///< "cifar10 cnn3 sgd seed 1"
  bool runs = false;
  /// "ok", "ok; plugin optimizer sgd is another library now", "new",
  /// "seed-1-0a1b2c3d has another optimizer.learning_rate: 0.1, now 0.2".
  std::string why;
};

/// One for each trial of a sealed suite, in its order: what `gapbench run` with these options would
/// do with it. A trial that is not there is compared with the records of the same method and seed:
/// the ingredients of its identity that differ are named, those of the nearest record. Of a tuned
/// method the trials that count wait for its tuning, or are those that its records choose.
std::vector<Reason> explain(const suite::Suite& suite, const RunOptions& options,
                            const plugin::Registry& plugins);

/// What of these two the identity depends on and differs: "batch: 64, now 128", one for each.
std::vector<std::string> changed_ingredients(const train::TrialSettings& then,
                                             const train::TrialSettings& now);

}  // namespace gapbench::run
