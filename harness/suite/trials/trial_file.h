// trial.yaml: the resolved settings of one trial, and the identity made from them.
#pragma once

#include <filesystem>
#include <string>

#include "train/settings.h"

namespace gapbench::suite {

/// Raised when the harness's own arithmetic or protocol changes the numbers that the same settings
/// give: identities change with it, and finished trials run again.
inline constexpr int protocol = 1;

/// YAML with every setting, defaults included; read_trial gives the same settings back, to the bit.
std::string write_trial(const train::TrialSettings& settings);

/// Strict: every key must be there and none besides. Throws Error naming the file and the line.
/// Needs no plugins: everything is resolved.
train::TrialSettings read_trial(const std::filesystem::path& file);

/// The text that identity() hashes: write_trial's, with "protocol: N" in front and
///   - without `suite`, `method`, `record_steps`, `record_end`, `tuned` and `threads`, which change no result;
///   - a source as its identity, in the place of the method's name;
///   - micro_batch 0 as the harness's default_micro_batch, which it stands for;
///   - schedule fields that the kind does not use, and the unit of no warm-up, at their defaults.
/// In it: data set with options, parts, split seed, augmentation and checksum, or problem plugin;
/// network; optimizer, regularizers in their order and probes with options and declared revisions;
/// batch, micro-batch, seed, budget, schedule, evaluation interval, running statistics where they
/// are re-estimated.
std::string identity_text(const train::TrialSettings& settings);

/// SHA-256 hex of identity_text.
std::string identity(const train::TrialSettings& settings);

}  // namespace gapbench::suite
