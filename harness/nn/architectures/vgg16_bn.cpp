// VGG-16 with batch normalization for CIFAR: thirteen convolutions, five max pools and, where the
// network for ImageNet has three linear layers, one; see blocks.h.
//
// Dropout where a regularizer makes it, on the site "features"; no biases in front of the
// normalizations. 14,724,042 parameters for 32x32x3 with 10 outputs. Source: Simonyan, Zisserman
// 2015, "Very deep convolutional networks for large-scale image recognition", configuration D; with
// Ioffe, Szegedy 2015, "Batch normalization".

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe vgg16_bn;

namespace {

constexpr auto options = block_options(64, "batch");
constexpr std::size_t channels[] = {1, 1, 0, 2, 2, 0, 4, 4, 4, 0, 8, 8, 8, 0, 8, 8, 8, 0};

Layers build(const Options& o, Shape input, std::size_t width) {
  return build_vgg({.name = "vgg16_bn", .channels = channels, .hidden = 0}, o, input, width);
}

}  // namespace

const Recipe vgg16_bn{
    {"vgg16_bn", "VGG-16 with batch normalization; Simonyan, Zisserman 2015", options}, build};

}  // namespace gapbench::nn
