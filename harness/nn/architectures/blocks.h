// What the residual networks and the VGG networks share.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "gapbench/layers.h"
#include "nn/recipe.h"

namespace gapbench::nn {

/// The options width, norm, groups and ghost, in this order.
constexpr std::array<OptionSpec, 4> block_options(double width, const char* norm) {
  return {
      option::integer("width", "channels of the first convolution; the others grow with it")
          .at_least(1)
          .at_most(4096)
          .by_default(width),
      option::choice("norm", "batch|group|none", "normalization of the convolutions")
          .by_default(norm),
      option::integer("groups", "of a group normalization; must divide every channel count")
          .at_least(1)
          .at_most(4096)
          .by_default(8.0),
      option::integer("ghost", "examples a batch normalization takes together; 0: the micro-batch")
          .at_least(0)
          .at_most(65536)
          .by_default(0.0),
  };
}

Norm norm_of(const Options& options);

/// Convolution and normalization, <name>.conv and <name>.norm. The convolution has a bias only
/// where no normalization follows: that would take it away again.
void add_unit(Layers& layers, const std::string& name, ConvolutionShape shape, const Norm& norm,
              double gain);

/// The residual networks of He et al. 2016 for small images:
///
///   convolution 3x3 width, norm, ReLU
///   stage k = 0, 1, ...: `blocks` basic blocks of width 2^k channels, the first one of every stage
///                        but stage 0 with stride 2
///   global average pool, linear outputs
///
///   basic block: convolution 3x3, norm, ReLU, convolution 3x3, norm, plus the block's input; ReLU
///
/// Where the shape changes, the shortcut is a 1x1 convolution with norm (their option B).
/// Start: He normal; 1x1 shortcuts and outputs LeCun normal. Without normalization the variance of
/// a block's last convolution is divided by the number of blocks, or signals would double from
/// block to block (after Hanin, Rolnick 2018, "How to start training").
struct ResidualPlan {
  const char* name;
  std::size_t stages;
  std::size_t blocks;  ///< of each stage
};
Layers build_residual(const ResidualPlan& plan, const Options& options, Shape input,
                      std::size_t outputs);

/// The VGG networks of Simonyan and Zisserman 2015 for small images: units of 3x3 convolution, norm
/// and ReLU with `channels` times width channels each, a 2x2 max pool for each 0 among them; what
/// is left of a larger image averaged to one pixel;
/// then `hidden` linear layers of 8 width units with ReLU, and the output layer.
/// Noise sites: behind every hidden layer and of its name, as dropout stands in the source's two;
/// without hidden layers one, "features", in front of the output layer.
/// Start: He normal, LeCun normal in the output layer, biases 0.
struct VggPlan {
  const char* name;
  std::span<const std::size_t> channels;  ///< multiples of the width; 0: pool
  std::size_t hidden;
};
Layers build_vgg(const VggPlan& plan, const Options& options, Shape input, std::size_t outputs);

}  // namespace gapbench::nn
