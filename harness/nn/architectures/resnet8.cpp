// ResNet-8 for CIFAR: three stages of one basic block, see blocks.h.
//
// 78,042 parameters for 32x32x3 with 10 outputs and batch normalization (75,290 without the 1x1
// shortcuts of option B, which take the place of the paper's padded ones).
// Source: the series 6 n + 2 of He, Zhang, Ren, Sun 2016, "Deep residual learning for image
// recognition", section 4.2, with n = 1.

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe resnet8;

namespace {

constexpr auto options = block_options(16, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_residual({.name = "resnet8", .stages = 3, .blocks = 1}, o, input, width);
}

}  // namespace

const Recipe resnet8{
    {"resnet8", "ResNet-8, CIFAR variant with 1x1 shortcuts; He et al. 2016", options}, build};

}  // namespace gapbench::nn
