// Short names for what trials train on.
#pragma once

#include <string>
#include <vector>

#include "suite/suite.h"

namespace gapbench::suite {

struct ProblemLabel {
  std::string data;     ///< "cifar10", or "cifar10-train20000" where the suite has several of it
  std::string network;  ///< "cnn3-width32"; "analytic" for a problem plugin
};

/// One for each trial, in order. A label carries the settings that differ between the suite's
/// blocks of one name; safe as a folder's name.
std::vector<ProblemLabel> problem_labels(const Suite& suite);

}  // namespace gapbench::suite
