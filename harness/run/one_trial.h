// One trial of a suite by itself: what a task of a scheduler runs.
#pragma once

#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

/// Runs trial `index` of a sealed suite (its tuning trials first, then those that count) as
/// run_suite() would, on however many machines the others are: what it follows and is not there is
/// run first, and a tuned method takes what the records choose. Notes the choice in tuning.json and
/// suite.json where it is not there yet; writes nothing else outside the folders of its trials.
/// `retry`, `force` and `redo_changed` concern this trial alone.
///
/// 0: it is ok · 2: it is not, or nothing is chosen for it, or it was stopped without having come a
/// step further · 130: interrupted; started again it goes on. Throws Error as run_suite().
int run_one_trial(const suite::Suite& suite, std::size_t index, const RunOptions& options);

/// `index` and all that it follows, directly or not: places in `suite`, which need not be sealed;
/// what is followed comes first, `index` last.
std::vector<std::size_t> with_followed(const suite::Suite& suite, std::size_t index);

}  // namespace gapbench::run
