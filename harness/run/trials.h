// Running the trials of a suite, or of one of its stages.
#pragma once

#include <filesystem>
#include <vector>

#include "records/record.h"
#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

/// Runs what is not finished of these trials and says so; the exit code of run_suite(). Trials that
/// other runs are at work on are left to them, and waited for. `tuned`: what their tuning has left,
/// for the forecast.
int run_trials(const suite::Suite& suite, const RunOptions& options,
               const std::filesystem::path& folder, const std::vector<records::Record>& tuned = {});

}  // namespace gapbench::run
