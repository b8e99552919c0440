// How many examples batch normalization sees together, where numbers do not divide each other.
#pragma once

#include <string>
#include <vector>

#include "train/settings.h"

namespace gapbench::train {

/// The fewest examples that are normalized together in training: what is left of a mini-batch, or of
/// the last mini-batch of an epoch, behind micro-batches of full size, and of those behind runs of
/// `ghost` examples (0: whole micro-batches).
std::size_t smallest_group(std::size_t examples, std::size_t batch, std::size_t micro_batch,
                           std::size_t ghost);

/// For a problem that normalizes over examples: what a reader of the numbers should know, for
/// Outcome::notes. Throws Error where a group has one example, which leaves nothing of it but what
/// the normalization adds (behind a linear layer only shifts would be trained).
std::vector<std::string> require_groups(const TrialSettings& settings, std::size_t examples);

}  // namespace gapbench::train
