// The shallow network C1 (C3 with 100 outputs) of Keskar et al.
//
//   2 x (convolution 5x5 width, norm, ReLU, max pool 3x3 of stride 2)
//   linear 6 width, norm, ReLU, noise site hidden1
//   linear 3 width, norm, ReLU, noise site hidden2
//   linear outputs
//
// Convolutions and pools are "same": padding 2 and 1.
// The authors put dropout of rate 0.5 on both sites. No biases in front of the normalizations,
// where theirs change nothing. 1,757,130 parameters for 32x32x3 with 10 outputs, width 64. Source:
// Keskar, Mudigere, Nocedal, Smelyanskiy, Tang 2017, "On large-batch training for deep learning",
// appendix B; sizes and order from the authors' program (shallownet). Start: He normal, LeCun
// normal in the output layer, biases 0 (see gapbench/layers.h).

#include <fmt/format.h>

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe keskar_c1;

namespace {

constexpr auto options = block_options(64, "batch");

Layers build(const Options& o, Shape input, std::size_t width) {
  require_side("keskar_c1", input, 8);
  constexpr double he = gain(Activation::relu);
  const Norm norm = norm_of(o);
  const std::size_t channels = o.count("width");
  Layers layers(input);
  for (const char* name : {"unit1", "unit2"}) {
    add_unit(layers, name, {.outputs = channels, .kernel = 5, .padding = 2}, norm, he);
    layers.activation(Activation::relu).max_pool(3, 2, 1);
  }
  layers.flatten();
  const auto hidden = [&](const std::string& name, std::size_t units) {
    layers.linear(name, units, he, !norm.exists())
        .normalize(name + ".norm", norm)
        .activation(Activation::relu)
        .noise(name);
  };
  hidden("hidden1", 6 * channels);
  hidden("hidden2", 3 * channels);
  return layers.linear("output", width, output_gain);
}

}  // namespace

const Recipe keskar_c1{{"keskar_c1", "shallow network C1, batch norm; Keskar et al. 2017", options},
                       build};

}  // namespace gapbench::nn
