#include "nn/architectures/blocks.h"

#include <fmt/format.h>

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

void add_basic_block(Chain& chain, const Block& block, const Norm& norm) {
  Chain main = chain.branch();
  add_unit(main, block.name + ".1", three_by_three(block.channels, block.stride), norm, he);
  main.activation(Activation::relu);
  add_unit(main, block.name + ".2", three_by_three(block.channels, 1), norm, block.last_gain);
  std::unique_ptr<Layer> shortcut;
  if (block.stride > 1 || chain.shape().channels != block.channels) {
    Chain projection = chain.branch();
    add_unit(projection, block.name + ".shortcut",
             {.outputs = block.channels, .kernel = 1, .stride = block.stride}, norm, shortcut_gain);
    shortcut = projection.finish();
  }
  chain.residual(block.name, main.finish(), std::move(shortcut)).activation(Activation::relu);
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

void add_unit(Chain& chain, const std::string& name, ConvolutionShape shape, const Norm& norm,
              double gain) {
  shape.bias = !norm.exists();
  chain.convolution(name + ".conv", shape, gain).normalize(name + ".norm", norm);
}

std::unique_ptr<const Layer> build_residual(const ResidualPlan& plan, const Engine& engine,
                                            const Options& options, ImageShape input,
                                            std::size_t outputs) {
  require_side(plan.name, input, 8);
  const Norm norm = norm_of(options);
  const std::size_t width = options.count("width");
  const auto all_blocks = static_cast<double>(plan.stages * plan.blocks);
  Chain chain(engine, input);
  add_unit(chain, "stem", three_by_three(width, 1), norm, he);
  chain.activation(Activation::relu);
  for (std::size_t stage = 0; stage < plan.stages; ++stage) {
    for (std::size_t i = 0; i < plan.blocks; ++i) {
      add_basic_block(chain,
                      {.name = fmt::format("stage{}.block{}", stage + 1, i + 1),
                       .channels = width << stage,
                       .stride = stage > 0 && i == 0 ? 2U : 1U,
                       .last_gain = norm.exists() ? he : he / all_blocks},
                      norm);
    }
  }
  return chain.global_average_pool().linear("output", outputs, output_gain).finish();
}

std::unique_ptr<const Layer> build_vgg(const VggPlan& plan, const Engine& engine,
                                       const Options& options, ImageShape input,
                                       std::size_t outputs) {
  require_side(plan.name, input, 32);
  const Norm norm = norm_of(options);
  const std::size_t width = options.count("width");
  Chain chain(engine, input);
  std::size_t number = 0;
  for (const std::size_t channels : plan.channels) {
    if (channels == 0) {
      chain.pool(Pooling::max, 2);
      continue;
    }
    add_unit(chain, fmt::format("unit{}", ++number), three_by_three(channels * width, 1), norm, he);
    chain.activation(Activation::relu);
  }
  if (chain.shape().height * chain.shape().width > 1) chain.adaptive_average_pool(1);
  chain.flatten();
  for (std::size_t i = 1; i <= plan.hidden; ++i) {
    const std::string name = fmt::format("hidden{}", i);
    chain.linear(name, 8 * width, he).activation(Activation::relu).noise(name);
  }
  if (plan.hidden == 0) chain.noise("features");
  return chain.linear("output", outputs, output_gain).finish();
}

}  // namespace gapbench::nn
