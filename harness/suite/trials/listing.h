// The trials of a suite as text: what a dry run prints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "suite/suite.h"
#include "train/trial.h"

namespace gapbench::suite {

/// One line a trial: method, data, network, seed; steps, parameters, training FLOPs and seconds
/// where estimates are given (one for each trial, or none at all); the folder once the suite is
/// sealed. The last line counts the trials and sums, seconds divided by the `jobs` side by side.
std::string listing(const Suite& suite,
                    const std::vector<std::optional<train::Estimate>>& estimates = {},
                    std::size_t jobs = 1);

}  // namespace gapbench::suite
