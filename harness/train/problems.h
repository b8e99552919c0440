// The problem of a trial: a network on data, or a plugin's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gapbench/problem.h"
#include "gapbench/random.h"
#include "plugin/registry.h"
#include "train/settings.h"

namespace gapbench::train {

struct LoadedProblem {
  std::unique_ptr<const Problem> problem;
  std::vector<std::string> notes;  ///< from the data: "partial ...", "synthetic ..."
};

/// What Problem::initialize gets in a trial of this seed.
inline Random start_random(std::uint64_t seed) { return Random(seed).at("init"); }

/// A network with `linearize` is the linear model around where that seed starts. Throws Error: missing or broken data, an unknown network or plugin, options out of range, and
/// data whose checksum is not the one the trial was planned with.
LoadedProblem load_problem(const TrialSettings& settings, const plugin::Registry& plugins,
                           const std::filesystem::path& data_root);

}  // namespace gapbench::train
