// Waiting for what Slurm has of a suite.
#pragma once

#include <filesystem>

namespace gapbench::run::slurm {

/// Returns when Slurm has no task of the suite any more: it is asked less and less often, every half
/// minute at last, and an answer that it does not give is waited for. False where a signal has ended
/// the wait. Says so.
bool wait_for_end(const std::filesystem::path& suite_folder);

}  // namespace gapbench::run::slurm
