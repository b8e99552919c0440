// Group normalization.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "nn/layers/normalization/normalization.h"

namespace gapbench::nn {

/// Normalization of every example by itself, over all pixels of `groups` groups of neighbouring
/// channels. Formulas: Normalization, m = h w c / groups. The same in both modes; no statistics.
/// One group is layer normalization, as many groups as channels instance normalization.
/// Errors: groups of 0, or that do not divide the channels.
/// Source: Wu, He 2018, "Group normalization".
std::unique_ptr<Layer> make_group_norm(std::string name, ImageShape shape, std::size_t groups);

}  // namespace gapbench::nn
