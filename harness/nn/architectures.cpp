// The architectures a user can name, and what this build runs on.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <oneapi/dnnl/dnnl.hpp>

#include "core/nearest.h"
#include "gapbench/error.h"
#include "nn/layer_network.h"
#include "nn/network.h"
#include "nn/recipe.h"

namespace gapbench::nn {

// The table.
extern const Recipe cnn3, lenet5, mlp, resnet8, resnet18, resnet20, vgg11, vgg16_bn,
    wide_resnet_16_4;
namespace {
const std::array recipes{&cnn3,     &lenet5, &mlp,      &resnet8,         &resnet18,
                         &resnet20, &vgg11,  &vgg16_bn, &wide_resnet_16_4};

const Recipe& find_recipe(const std::string& name) {
  const auto at =
      std::ranges::find_if(recipes, [&](const Recipe* r) { return r->about.name == name; });
  if (at != recipes.end()) return **at;
  std::vector<std::string> names;
  for (const Recipe* r : recipes) names.emplace_back(r->about.name);
  throw Error("network",
              fmt::format("unknown architecture \"{}\"{}", name, did_you_mean(name, names)));
}

}  // namespace

std::span<const Architecture> architectures() {
  static const auto all = [] {
    std::array<Architecture, recipes.size()> list;
    std::ranges::transform(recipes, list.begin(), [](const Recipe* r) { return r->about; });
    return list;
  }();
  return all;
}

const Architecture& find_architecture(const std::string& name) { return find_recipe(name).about; }

void require_side(const char* name, ImageShape input, std::size_t side) {
  if (std::min(input.height, input.width) >= side) return;
  throw Error(name, fmt::format("needs an input of at least {0}x{0} pixels, got {1}x{2}", side,
                                input.height, input.width));
}

std::unique_ptr<const Network> make_network(const std::string& name, const Options& options,
                                            ImageShape input, std::size_t width) {
  const Recipe& recipe = find_recipe(name);
  if (input.size() == 0) {
    throw Error(name, fmt::format("needs an input of at least 1x1x1, got {}x{}x{}", input.height,
                                  input.width, input.channels));
  }
  if (width == 0) throw Error(name, "needs at least 1 output, got 0");
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return std::make_unique<LayerNetwork>(engine, input, recipe.build(engine, options, input, width));
}

std::string library_version() {
  const dnnl_version_t* v = dnnl::version();
  return fmt::format("oneDNN {}.{}.{}", v->major, v->minor, v->patch);
}

std::string instruction_set() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return "generic";
  }
}

}  // namespace gapbench::nn
