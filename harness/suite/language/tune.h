// Settings chosen on validation: what to try, and how the best is found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "suite/language/grid.h"
#include "suite/suite.h"
#include "suite/yaml/mistakes.h"
#include "suite/yaml/node.h"

namespace gapbench::suite {

/// The suite's own block: {seeds: [101, 102], ties: [103, 104], by: validation_accuracy, fitted: 0.99,
/// refit: false}. `seeds` are those of the tuning trials and key the draws; `ties` are others, for the
/// candidates that two or more of those do not tell apart.
std::optional<TuneSettings> read_tune(const Node& node, Mistakes& mistakes);

/// "large" for {as: large}, which takes over what is chosen for that method; else nothing.
/// `{as: large}` with further keys, or with no name, is a mistake.
std::optional<std::string> tuned_as(const Node& tune, Mistakes& mistakes);

/// Whether a dotted path leads into a method: "optimizer.learning_rate", "batch".
bool is_method_path(const std::string& path);

/// What a method's `tune` block offers, each candidate as a whole method without choices:
///   {optimizer.learning_rate: [0.03, 0.1], regularizers.l2.lambda: [0, 1e-4]}       the grid of
///   all {draws: 8, optimizer.learning_rate: {log_uniform: [0.01, 1]}, batch: [32, 64]}  random
///   search
/// Draw i of a path is a function of (first tuning seed, path, i) alone, rounded to three digits;
/// equal draws count once. Lists are drawn from uniformly.
std::vector<Variant> candidates(const Node& method, const Node& tune, const TuneSettings& settings,
                                Mistakes& mistakes);

}  // namespace gapbench::suite
