// ResNet-18 with a CIFAR stem: four stages of two basic blocks, see blocks.h.
//
// The stem is one 3x3 convolution with stride 1 and no pooling, where the network for ImageNet has
// 7x7, stride 2 and a 3x3 max pool: the usual variant for 32x32 images.
// 11,173,962 parameters for 32x32x3 with 10 outputs and batch normalization, 11,220,132 with 100.
// Source: He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition", table 1.

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe resnet18;

namespace {

constexpr auto options = block_options(64, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_residual({.name = "resnet18", .stages = 4, .blocks = 2}, o, input, width);
}

}  // namespace

const Recipe resnet18{{"resnet18", "ResNet-18 with a 3x3 stem; He et al. 2016", options}, build};

}  // namespace gapbench::nn
