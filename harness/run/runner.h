// Running a suite: worker processes on disjoint cores, finished trials skipped.
#pragma once

#include "run/options.h"
#include "suite/suite.h"

namespace gapbench::run {

/// Runs what is not finished of a sealed suite, in the order of its trials; one that follows others
/// after those. A suite with searches runs its tuning trials first, chooses from their records,
/// notes that in tuning.json, and goes on with the trials that count. A tuning trial that diverges
/// costs its configuration, not the exit code. One that fails otherwise (killed, out of time or
/// memory, an error) would change what is chosen: then nothing is chosen, and only what waits for no
/// choice runs, unless `choose_without_failed` asks for a choice among the rest; 2 in both cases.
///
/// 0: every trial of the suite is ok, those finished before included (then there is nothing to do,
/// and it says so) · 2: some trial is not ok · 130: interrupted. Finished means any status but
/// `interrupted`; `force` runs all again.
/// Prints one line a finished trial with an ETA, a bar on a terminal, and a closing line with the
/// count of every status; for each trial that is not ok, its reason, step and a command that
/// repeats it. Throws Error for a results folder that cannot be written or that another run is
/// writing to, and for a suite of no trials, before any trial starts.
int run_suite(const suite::Suite& suite, const RunOptions& options);

/// The worker's main: runs the trial whose trial.yaml lies in `folder` and writes its record. It
/// goes on from a checkpoint that an earlier attempt of the same build and plugins left there, else
/// it replaces what that left. 0 ok · 2 not ok · 130 interrupted (SIGINT, SIGTERM). Everything that
/// goes wrong with the trial is an outcome in its summary; throws Error only when there is no
/// readable trial.yaml or the record cannot be written.
int run_worker(const WorkerOptions& options);

}  // namespace gapbench::run
