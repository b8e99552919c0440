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
  Builder(const WidePlan& plan, const Engine& engine, const Options& o, ImageShape input)
      : plan_(plan), norm_(norm_of(o)), width_(o.count("width")), chain_(engine, input) {}

  std::unique_ptr<const Layer> build(std::size_t outputs) {
    convolve(chain_, "stem", width_, 1, he);
    for (std::size_t stage = 0; stage < stages; ++stage) {
      for (std::size_t i = 0; i < plan_.blocks; ++i) {
        add_block(fmt::format("stage{}.block{}", stage + 1, i + 1),
                  plan_.widening * width_ << stage, stage > 0 && i == 0 ? 2 : 1);
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
    main.noise(name);
    const auto all_blocks = static_cast<double>(stages * plan_.blocks);
    convolve(main, name + ".2", channels, 1, norm_.exists() ? he : he / all_blocks);
    std::unique_ptr<Layer> shortcut;
    if (!same) {
      const ConvolutionShape shape{
          .outputs = channels, .kernel = 1, .stride = stride, .bias = !norm_.exists()};
      shortcut = chain_.branch().convolution(name + ".shortcut.conv", shape, 1).finish();
    }
    chain_.residual(name, main.finish(), std::move(shortcut));
  }

  WidePlan plan_;
  Norm norm_;
  std::size_t width_;
  Chain chain_;
};

}  // namespace

std::unique_ptr<const Layer> build_wide_residual(const WidePlan& plan, const Engine& engine,
                                                 const Options& options, ImageShape input,
                                                 std::size_t outputs) {
  require_side(plan.name, input, 8);
  return Builder(plan, engine, options, input).build(outputs);
}

}  // namespace gapbench::nn
