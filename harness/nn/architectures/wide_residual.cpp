#include "nn/architectures/wide_residual.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace gapbench::nn {
namespace {

constexpr double he = gain(Activation::relu);
constexpr std::size_t stages = 3;

class Builder {
 public:
  Builder(const WidePlan& plan, const Options& o, Shape input)
      : plan_(plan), norm_(norm_of(o)), width_(o.count("width")), layers_(input) {}

  Layers build(std::size_t outputs) {
    convolve(layers_, "stem", width_, 1, he);
    for (std::size_t stage = 0; stage < stages; ++stage) {
      for (std::size_t i = 0; i < plan_.blocks; ++i) {
        add_block(fmt::format("stage{}.block{}", stage + 1, i + 1),
                  plan_.widening * width_ << stage, stage > 0 && i == 0 ? 2 : 1);
      }
    }
    rectify(layers_, "last");
    return layers_.global_average_pool().linear("output", outputs, output_gain);
  }

 private:
  void convolve(Layers& layers, const std::string& name, std::size_t channels, std::size_t stride,
                double gain) {
    const ConvolutionShape shape{
        .outputs = channels, .kernel = 3, .stride = stride, .padding = 1, .bias = !norm_.exists()};
    layers.convolution(name + ".conv", shape, gain);
  }

  void rectify(Layers& layers, const std::string& name) {
    layers.normalize(name + ".norm", norm_).activation(Activation::relu);
  }

  void add_block(const std::string& name, std::size_t channels, std::size_t stride) {
    const bool same = stride == 1 && layers_.shape().channels == channels;
    if (!same) rectify(layers_, name + ".1");  // shared by both paths
    Layers main = layers_.branch();
    if (same) rectify(main, name + ".1");
    convolve(main, name + ".1", channels, stride, he);
    rectify(main, name + ".2");
    main.noise(name);
    const auto all_blocks = static_cast<double>(stages * plan_.blocks);
    convolve(main, name + ".2", channels, 1, norm_.exists() ? he : he / all_blocks);
    Layers shortcut = layers_.branch();
    if (!same) {
      const ConvolutionShape shape{
          .outputs = channels, .kernel = 1, .stride = stride, .bias = !norm_.exists()};
      shortcut.convolution(name + ".shortcut.conv", shape, 1);
    }
    layers_.residual(name, std::move(main), std::move(shortcut));
  }

  WidePlan plan_;
  Norm norm_;
  std::size_t width_;
  Layers layers_;
};

}  // namespace

Layers build_wide_residual(const WidePlan& plan, const Options& options, Shape input,
                           std::size_t outputs) {
  require_side(plan.name, input, 8);
  return Builder(plan, options, input).build(outputs);
}

}  // namespace gapbench::nn
