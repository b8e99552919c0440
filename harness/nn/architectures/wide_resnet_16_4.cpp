// Wide residual networks for CIFAR: 16 layers, four times as wide.
//
//   convolution 3x3 width
//   three stages of two blocks with 4, 8, 16 times width channels; stages 2 and 3 begin with stride
//   2 norm, ReLU, global average pool, linear outputs
//
//   block: norm, ReLU, convolution 3x3, norm, ReLU, convolution 3x3, plus the block's input;
//          where the shape changes, plus a 1x1 convolution of the first ReLU's output instead
//
// No dropout. 2,748,890 parameters for 32x32x3 with 10 outputs and batch normalization, width 16.
// Source: Zagoruyko, Komodakis 2016, "Wide residual networks".
// Start: as the other residual networks, see blocks.h.

#include <fmt/format.h>

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe wide_resnet_16_4;

namespace {

constexpr auto options = block_options(16, "batch");
constexpr double he = gain(Activation::relu);
constexpr std::size_t stages = 3;
constexpr std::size_t blocks = 2;  // of each stage: (16 layers - 4) / (2 layers x 3 stages)
constexpr std::size_t widening = 4;

class Builder {
 public:
  Builder(const Engine& engine, const Options& o, ImageShape input)
      : norm_(norm_of(o)), width_(o.count("width")), chain_(engine, input) {}

  std::unique_ptr<const Layer> build(std::size_t outputs) {
    convolve(chain_, "stem", width_, 1, he);
    for (std::size_t stage = 0; stage < stages; ++stage) {
      for (std::size_t i = 0; i < blocks; ++i) {
        add_block(fmt::format("stage{}.block{}", stage + 1, i + 1), widening * width_ << stage,
                  stage > 0 && i == 0 ? 2 : 1);
      }
    }
    rectify(chain_, "last");
    return chain_.global_average_pool().linear("output", outputs, output_gain).finish();
  }

 private:
  void convolve(Chain& chain, const std::string& name, std::size_t channels, std::size_t stride,
                double gain) {
    const ConvolutionShape shape{
        .outputs = channels, .kernel = 3, .stride = stride, .padding = 1, .bias = !norm_.exists()};
    chain.convolution(name + ".conv", shape, gain);
  }

  void rectify(Chain& chain, const std::string& name) {
    chain.normalize(name + ".norm", norm_).activation(Activation::relu);
  }

  void add_block(const std::string& name, std::size_t channels, std::size_t stride) {
    const bool same = stride == 1 && chain_.shape().channels == channels;
    if (!same) rectify(chain_, name + ".1");  // shared by both paths
    Chain main = chain_.branch();
    if (same) rectify(main, name + ".1");
    convolve(main, name + ".1", channels, stride, he);
    rectify(main, name + ".2");
    convolve(main, name + ".2", channels, 1, norm_.exists() ? he : he / (stages * blocks));
    std::unique_ptr<Layer> shortcut;
    if (!same) {
      const ConvolutionShape shape{
          .outputs = channels, .kernel = 1, .stride = stride, .bias = !norm_.exists()};
      shortcut = chain_.branch().convolution(name + ".shortcut.conv", shape, 1).finish();
    }
    chain_.residual(name, main.finish(), std::move(shortcut));
  }

  Norm norm_;
  std::size_t width_;
  Chain chain_;
};

std::unique_ptr<const Layer> build(const Engine& engine, const Options& o, ImageShape input,
                                   std::size_t width) {
  require_side("wide_resnet_16_4", input, 8);
  return Builder(engine, o, input).build(width);
}

}  // namespace

const Recipe wide_resnet_16_4{
    {"wide_resnet_16_4", "wide residual network, 16 layers; Zagoruyko, Komodakis 2016", options},
    build};

}  // namespace gapbench::nn
