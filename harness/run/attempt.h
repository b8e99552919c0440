// One attempt at a trial: from its start, or from where an earlier one was cut off.
#pragma once

#include <functional>
#include <string>

#include "records/record_writer.h"
#include "run/home.h"
#include "run/options.h"

namespace gapbench::run {

struct Attempt {
  const train::TrialSettings& settings;
  const plugin::Registry& plugins;
  const WorkerOptions& options;
  const records::Record& record;  ///< as planned, with build and plugins
  records::RecordWriter& writer;  ///< made with Earlier::keep_checkpointed
  const Home& home;
  std::function<bool()> interrupted;
  /// Hears the outcome while the plugins are still there: their ends may be the end of the process.
  std::function<void(const train::Outcome&, const std::string& steps_sha256)> ended;
};

/// Runs the trial, writes history and checkpoints as it goes, and tells the parent how far it is. A
/// checkpoint that does not serve, or cannot be written, is a line in the log and no failure.
train::Outcome attempt(const Attempt& attempt);

}  // namespace gapbench::run
