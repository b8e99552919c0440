// What tuning trials found, and what was chosen.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "suite/suite.h"

namespace gapbench::run {

/// What became of the trials of tuning_stage(), from their records: final validation loss, or
/// accuracy with a minus, and the final train accuracy; none for a trial that did not end well.
/// Throws Error where a good trial has no validation part, or no accuracy where one is to
/// decide.
std::vector<suite::Tried> tuning_results(const suite::Suite& tuning,
                                         const std::filesystem::path& results);

/// The tuning trials that failed and why, up to ten, one a line below a line that counts them;
/// empty where none did.
std::string failures_text(const suite::Suite& tuning, const std::vector<suite::Tried>& tried);

/// One line a search: "cifar10 cnn3 sgd: sgd[learning_rate=0.1], the best of 8 (validation accuracy
/// 51.20 %)"; "the best of 3 that have fitted, of 8" where the suite asks for a train accuracy; "of
/// 8 without 2 that failed".
std::string choices_text(const suite::Suite& suite, const std::vector<suite::Choice>& choices);

/// Brings the effort noted in a finished record up to date: a search may have grown and still have
/// chosen the same settings. Leaves a record alone that says the same, or cannot be read.
void update_effort(const suite::Trial& trial, const std::filesystem::path& folder);

inline constexpr const char* tuning_file = "tuning.json";

/// What tuning.json says: every candidate with its score and what failed of it, and what was chosen.
std::string tuning_note(const suite::Suite& suite, const std::vector<suite::Choice>& choices,
                        const std::vector<suite::Tried>& tried);

/// Writes it into the folder. Throws Error.
void write_tuning_note(const std::filesystem::path& folder, const suite::Suite& suite,
                       const std::vector<suite::Choice>& choices,
                       const std::vector<suite::Tried>& tried);

}  // namespace gapbench::run
