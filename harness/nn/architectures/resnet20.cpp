// ResNet-20 for CIFAR: three stages of three basic blocks, see blocks.h.
//
// 272,474 parameters for 32x32x3 with 10 outputs and batch normalization (269,722 without the 1x1
// shortcuts of option B, which take the place of the paper's padded ones).
// Source: the series 6 n + 2 of He, Zhang, Ren, Sun 2016, "Deep residual learning for image
// recognition", section 4.2, with n = 3.

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe resnet20;

namespace {

constexpr auto options = block_options(16, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_residual({.name = "resnet20", .stages = 3, .blocks = 3}, o, input, width);
}

}  // namespace

const Recipe resnet20{
    {"resnet20", "ResNet-20, CIFAR variant with 1x1 shortcuts; He et al. 2016", options}, build};

}  // namespace gapbench::nn
