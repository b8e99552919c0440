// VGG-11 for CIFAR: eight convolutions, five max pools, three linear layers, see blocks.h.
//
// Without normalization unless asked; dropout where a regularizer makes it, on hidden1 and hidden2,
// both off in Novack et al. 2023. The hidden linear layers have 512 units
// (4,096 in the network for ImageNet). 9,750,922 parameters for 32x32x3 with 10 outputs.
// Source: Simonyan, Zisserman 2015, "Very deep convolutional networks for large-scale image
// recognition", configuration A.

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe vgg11;

namespace {

constexpr auto options = block_options(64, "none");
constexpr std::size_t channels[] = {1, 0, 2, 0, 4, 4, 0, 8, 8, 0, 8, 8, 0};

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_vgg({.name = "vgg11", .channels = channels, .hidden = 2}, o, input, width);
}

}  // namespace

const Recipe vgg11{
    {"vgg11", "VGG-11 without normalization, 512-wide; Simonyan, Zisserman 2015", options}, build};

}  // namespace gapbench::nn
