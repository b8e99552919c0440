// What the wide residual networks share.
#pragma once

#include <cstddef>

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

/// The wide residual networks of Zagoruyko, Komodakis 2016, "Wide residual networks", for small
/// images:
///
///   convolution 3x3 width
///   three stages of `blocks` blocks with widening times width, 2 width and 4 width channels;
///   stages 2 and 3 begin with stride 2 norm, ReLU, global average pool, linear outputs
///
///   block: norm, ReLU, convolution 3x3, norm, ReLU, noise site, convolution 3x3, plus the block's
///          input; where the shape changes, plus a 1x1 convolution of the first ReLU's output
///          instead
///
/// The noise sites are where the source tries dropout, and have their blocks' names. 6 blocks + 4
/// layers. Start: as the other residual networks, see blocks.h.
struct WidePlan {
  const char* name;
  std::size_t blocks;  ///< of each stage
  std::size_t widening;
};
Layers build_wide_residual(const WidePlan& plan, const Options& options, Shape input,
                           std::size_t outputs);

}  // namespace gapbench::nn
