// trial.yaml: the resolved settings of one trial, and the identity made from them.
#pragma once

#include <filesystem>
#include <string>

#include "train/settings.h"

namespace gapbench::suite {

/// YAML with every setting, defaults included; read_trial gives the same settings back.
std::string write_trial(const train::TrialSettings& settings);

/// Throws Error naming the file and the line.
train::TrialSettings read_trial(const std::filesystem::path& file);

/// SHA-256 hex over a canonical text of all settings that change the result: data checksum and
/// plugin revisions included; suite, method name, threads and paths not.
std::string identity(const train::TrialSettings& settings);

}  // namespace gapbench::suite
