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

/// A name as one folder; a long one is cut and told apart by a hash.
std::string folder_name(const std::string& name);

/// "sgd[batch=64]" is "sgd@batch=64", which no shell interprets.
std::string method_folder(const std::string& method);

}  // namespace gapbench::suite
