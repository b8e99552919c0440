// Suites: a YAML file that expands to trials.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugin/registry.h"
#include "suite/published.h"
#include "train/settings.h"

namespace gapbench::suite {

/// One trial of a suite. `identity` and `folder` are empty until seal().
struct Trial {
  train::TrialSettings settings;
  std::string identity;          ///< SHA-256 hex of all that changes the result
  std::filesystem::path folder;  ///< <suite>/<dataset>/<network>/<method>/seed-<k>-<hash8>
};

struct Suite {
  std::string name;
  std::string description;
  std::string baseline;  ///< a method's name, or empty
  std::filesystem::path source;
  std::optional<std::size_t> threads;  ///< per trial, where the file asks; the command line wins
  std::vector<Published> published;
  std::vector<Trial> trials;
};

/// Reads and expands a suite file. `overrides` are "a.b=c", applied to the file's own tree before
/// anything is checked. Throws one Error that reports every mistake found, one a line, each with
/// file, line, what was given and what would be right (the nearest valid key for an unknown one).
Suite load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
           const plugin::Registry& plugins);

/// Fills in the data checksums, identities and folders. Throws Error when data is missing, and when
/// two trials have one identity (they would be the same trial).
void seal(Suite& suite, const std::filesystem::path& data_root);

}  // namespace gapbench::suite
