// The architectures a user can name, and what this build runs on.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "core/engine_options.h"
#include "core/nearest.h"
#include "gapbench/error.h"
#include "nn/chain.h"
#include "nn/engine.h"
#include "nn/layer_network.h"
#include "nn/network.h"
#include "nn/recipe.h"

namespace gapbench::nn {

// The table.
extern const Recipe cnn3, keskar_c1, lenet5, mlp, resnet8, resnet18, resnet20, vgg11, vgg16_bn,
    wide_resnet_10_1, wide_resnet_16_4;
namespace {
const std::array recipes{&cnn3,     &keskar_c1,        &lenet5,          &mlp,
                         &resnet8,  &resnet18,         &resnet20,        &vgg11,
                         &vgg16_bn, &wide_resnet_10_1, &wide_resnet_16_4};

const Recipe& find_recipe(const std::string& name, std::vector<std::string> others = {}) {
  const auto at =
      std::ranges::find_if(recipes, [&](const Recipe* r) { return r->about.name == name; });
  if (at != recipes.end()) return **at;
  std::vector<std::string> names;
  for (const Recipe* r : recipes) names.emplace_back(r->about.name);
  std::ranges::move(others, std::back_inserter(names));
  throw Error("network",
              fmt::format("unknown architecture \"{}\"{}", name, did_you_mean(name, names)));
}

}  // namespace

std::span<const Architecture> architectures() {
  static const auto all = [] {
    std::array<Architecture, recipes.size()> list;
    static std::array<std::vector<OptionSpec>, recipes.size()> options;
    for (std::size_t i = 0; i < recipes.size(); ++i) {
      list[i] = recipes[i]->about;
      options[i].assign(list[i].options.begin(), list[i].options.end());
      std::ranges::copy(engine_options, std::back_inserter(options[i]));
      list[i].options = options[i];
    }
    return list;
  }();
  return all;
}

const Architecture& find_architecture(const std::string& name, std::vector<std::string> others) {
  const auto at = std::ranges::find(recipes, &find_recipe(name, std::move(others)));
  return architectures()[static_cast<std::size_t>(at - recipes.begin())];
}

std::vector<std::string> usual_noise_sites(const Architecture& architecture) {
  const auto options = Options::resolve(architecture.name, architecture.options, {});
  return noise_sites(layers_of(architecture.name, options, {32, 32, 3}, 10));
}

Layers layers_of(const std::string& name, const Options& options, Shape input, std::size_t width) {
  return describe_network(name, find_recipe(name).build, options, input, width);
}

std::unique_ptr<const Network> make_network(const Layers& layers, const Options& options) {
  const Engine engine = make_engine(options);
  const Shape in = layers.input();
  return std::make_unique<LayerNetwork>(engine.device, ImageShape{in.height, in.width, in.channels},
                                        build(engine, layers));
}

std::unique_ptr<const Network> make_network(const std::string& name, const Options& options,
                                            ImageShape input, std::size_t width) {
  const Shape shape{input.height, input.width, input.channels};
  return make_network(layers_of(name, options, shape, width), options);
}

std::string library_version() {
  const dnnl_version_t* v = dnnl::version();
  return fmt::format("oneDNN {}.{}.{}", v->major, v->minor, v->patch);
}

std::string instruction_set() { return instruction_set_name(); }

}  // namespace gapbench::nn
