// Wide residual network for CIFAR: 16 layers, four times as wide, see wide_residual.h.
//
// 2,748,890 parameters for 32x32x3 with 10 outputs and batch normalization, width 16.
// Source: Zagoruyko, Komodakis 2016, "Wide residual networks".

#include "nn/architectures/wide_residual.h"

namespace gapbench::nn {

extern const Recipe wide_resnet_16_4;

namespace {

constexpr auto options = block_options(16, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_wide_residual({.name = "wide_resnet_16_4", .blocks = 2, .widening = 4}, o, input,
                             width);
}

}  // namespace

const Recipe wide_resnet_16_4{
    {"wide_resnet_16_4", "wide residual network, 16 layers, widening 4; Zagoruyko, Komodakis 2016",
     options},
    build};

}  // namespace gapbench::nn
