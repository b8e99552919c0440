// Three convolutions and one hidden linear layer.
//
//   3 x (convolution 3x3 with padding 1, norm, ReLU, max pool 2x2)
//   linear hidden, ReLU, linear outputs
//
// of width, 2 width and 2 width channels. No normalization unless asked; without it ReLU stands
// behind the pooling: the two commute, max(relu(a), relu(b)) = relu(max(a, b)), in value and, away
// from ties, in every derivative, and there is a quarter of the pixels to rectify.
// Noise site: hidden, behind its ReLU.
// 188,810 parameters for 32x32x3 with 10 outputs, width 32, hidden 128.
// Source: the small CIFAR network of many tutorials and papers; this one is ours.
// Start: He normal, LeCun normal in the output layer, biases 0 (see gapbench/layers.h).

#include <array>
#include <string>

#include "nn/architectures/blocks.h"

namespace gapbench::nn {

extern const Recipe cnn3;

namespace {

constexpr auto options = [] {
  constexpr auto shared = block_options(32, "none");
  constexpr auto hidden = option::integer("hidden", "units of the hidden linear layer")
                              .at_least(1)
                              .at_most(65536)
                              .by_default(128.0);
  return std::array{shared[0], hidden, shared[1], shared[2], shared[3]};
}();

Layers build(const Options& o, Shape input, std::size_t width) {
  require_side("cnn3", input, 8);
  constexpr double g = gain(Activation::relu);
  const Norm norm = norm_of(o);
  const std::size_t channels = o.count("width");
  Layers layers(input);
  const auto block = [&](const char* name, std::size_t outputs) {
    layers.convolution(name,
                       {.outputs = outputs, .kernel = 3, .padding = 1, .bias = !norm.exists()}, g);
    if (norm.exists()) {
      layers.normalize(std::string(name) + ".norm", norm).activation(Activation::relu);
    }
    layers.pool(Pooling::max, 2);
    if (!norm.exists()) layers.activation(Activation::relu);
  };
  block("conv1", channels);
  block("conv2", 2 * channels);
  block("conv3", 2 * channels);
  return layers.flatten()
      .linear("hidden", o.count("hidden"), g)
      .activation(Activation::relu)
      .noise("hidden")
      .linear("output", width, output_gain);
}

}  // namespace

const Recipe cnn3{
    {"cnn3", "three 3x3 convolutions, max pooling, one hidden layer; common small CNN", options},
    build};

}  // namespace gapbench::nn
