// Wide residual network for CIFAR: 10 layers, no wider than the plain one, see wide_residual.h.
//
// 77,850 parameters for 32x32x3 with 10 outputs and batch normalization, width 16.
// Source: Zagoruyko, Komodakis 2016, "Wide residual networks".

#include "nn/architectures/wide_residual.h"

namespace gapbench::nn {

extern const Recipe wide_resnet_10_1;

namespace {

constexpr auto options = block_options(16, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_wide_residual({.name = "wide_resnet_10_1", .blocks = 1, .widening = 1}, o, input,
                             width);
}

}  // namespace

const Recipe wide_resnet_10_1{
    {"wide_resnet_10_1", "wide residual network, 10 layers, widening 1; Zagoruyko, Komodakis 2016",
     options},
    build};

}  // namespace gapbench::nn
