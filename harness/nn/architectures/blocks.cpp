#include "nn/architectures/blocks.h"

#include <fmt/format.h>

#include <utility>

namespace gapbench::nn {
namespace {

constexpr double he = gain(Activation::relu);
constexpr double shortcut_gain = 1;

ConvolutionShape three_by_three(std::size_t outputs, std::size_t stride) {
  return {.outputs = outputs, .kernel = 3, .stride = stride, .padding = 1};
}

struct Block {
  std::string name;
  std::size_t channels;
  std::size_t stride;
  double last_gain;
};

void add_basic_block(Layers& layers, const Block& block, const Norm& norm) {
  Layers main = layers.branch();
  add_unit(main, block.name + ".1", three_by_three(block.channels, block.stride), norm, he);
  main.activation(Activation::relu);
  add_unit(main, block.name + ".2", three_by_three(block.channels, 1), norm, block.last_gain);
  Layers shortcut = layers.branch();
  if (block.stride > 1 || layers.shape().channels != block.channels) {
    add_unit(shortcut, block.name + ".shortcut",
             {.outputs = block.channels, .kernel = 1, .stride = block.stride}, norm, shortcut_gain);
  }
  layers.residual(block.name, std::move(main), std::move(shortcut)).activation(Activation::relu);
}

}  // namespace

Norm norm_of(const Options& options) {
  const std::string& kind = options.choice("norm");
  Norm norm{
      .kind = Norm::Kind::none, .groups = options.count("groups"), .ghost = options.count("ghost")};
  if (kind == "batch") norm.kind = Norm::Kind::batch;
  if (kind == "group") norm.kind = Norm::Kind::group;
  return norm;
}

void add_unit(Layers& layers, const std::string& name, ConvolutionShape shape, const Norm& norm,
              double gain) {
  shape.bias = !norm.exists();
  layers.convolution(name + ".conv", shape, gain).normalize(name + ".norm", norm);
}

Layers build_residual(const ResidualPlan& plan, const Options& options, Shape input,
                      std::size_t outputs) {
  require_side(plan.name, input, 8);
  const Norm norm = norm_of(options);
  const std::size_t width = options.count("width");
  const auto all_blocks = static_cast<double>(plan.stages * plan.blocks);
  Layers layers(input);
  add_unit(layers, "stem", three_by_three(width, 1), norm, he);
  layers.activation(Activation::relu);
  for (std::size_t stage = 0; stage < plan.stages; ++stage) {
    for (std::size_t i = 0; i < plan.blocks; ++i) {
      add_basic_block(layers,
                      {.name = fmt::format("stage{}.block{}", stage + 1, i + 1),
                       .channels = width << stage,
                       .stride = stage > 0 && i == 0 ? 2U : 1U,
                       .last_gain = norm.exists() ? he : he / all_blocks},
                      norm);
    }
  }
  return layers.global_average_pool().linear("output", outputs, output_gain);
}

Layers build_vgg(const VggPlan& plan, const Options& options, Shape input, std::size_t outputs) {
  require_side(plan.name, input, 32);
  const Norm norm = norm_of(options);
  const std::size_t width = options.count("width");
  Layers layers(input);
  std::size_t number = 0;
  for (const std::size_t channels : plan.channels) {
    if (channels == 0) {
      layers.pool(Pooling::max, 2);
      continue;
    }
    add_unit(layers, fmt::format("unit{}", ++number), three_by_three(channels * width, 1), norm,
             he);
    layers.activation(Activation::relu);
  }
  if (layers.shape().height * layers.shape().width > 1) layers.adaptive_average_pool(1);
  layers.flatten();
  for (std::size_t i = 1; i <= plan.hidden; ++i) {
    const std::string name = fmt::format("hidden{}", i);
    layers.linear(name, 8 * width, he).activation(Activation::relu).noise(name);
  }
  if (plan.hidden == 0) layers.noise("features");
  return layers.linear("output", outputs, output_gain);
}

}  // namespace gapbench::nn
