// A method's `posterior` block.
#pragma once

#include <optional>

#include "suite/language/block.h"
#include "train/settings.h"

namespace gapbench::suite {

/// own|mc_dropout|..., or {name: ..., draws: 30, every: {epochs: 5}, train_examples: 10000, <options>};
/// `none`: predictions are those of the point. Reports `own` of an optimizer that keeps none.
std::optional<train::PosteriorSettings> read_posterior(const Node& node,
                                                       const train::Choice& optimizer,
                                                       const Catalog& catalog, Mistakes& mistakes);

/// The keys that are the harness's, not the plugin's.
void read_draws(Block& block, train::PosteriorSettings& settings);

}  // namespace gapbench::suite
