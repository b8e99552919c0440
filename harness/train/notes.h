// What a reader of a trial's numbers should know before it runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "train/problems.h"

namespace gapbench::train {

/// Outcome::notes: of the data ("partial", "synthetic"), and of batch normalization over few
/// examples. Throws Error for a batch that leaves it one (see require_groups).
std::vector<std::string> notes_on(const TrialSettings& settings, const LoadedProblem& loaded);

/// The same for a dry run. Throws what load_problem throws. Cost: loads the problem.
std::vector<std::string> foreseen_notes(const TrialSettings& settings,
                                        const plugin::Registry& plugins,
                                        const std::filesystem::path& data_root);

}  // namespace gapbench::train
