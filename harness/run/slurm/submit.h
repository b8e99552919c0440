// A suite on Slurm: one array with a task a trial, again and again only what is left.
#pragma once

#include <optional>

#include "run/options.h"
#include "run/slurm/script.h"
#include "suite/suite.h"

namespace gapbench::run::slurm {

/// Submits what has not ended of `part` and what Slurm does not have already, says so, and keeps what
/// it has submitted below <suite>/slurm/. `part`: a sealed suite without some of the seeds of `whole`,
/// which is what the suite file says; the selection and share of `options` hold.
///
/// 0: all have ended well · 2: all have ended, some not well, or what is left cannot be run; with
/// `wait` also where Slurm has ended tasks before their trials · 130: the wait was interrupted; the
/// jobs go on · nothing: its trials are on their way. Throws Error where Slurm is not there or
/// refuses; what was submitted until then is noted and not submitted again.
std::optional<int> run_on_slurm(const suite::Suite& whole, const suite::Suite& part,
                                const RunOptions& options, const Order& order);

}  // namespace gapbench::run::slurm
