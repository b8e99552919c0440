// LeNet-5, for any image.
//
//   convolution 6 of 5x5, activation, pool 2x2
//   convolution 16 of 5x5, activation, pool 2x2
//   linear 120, activation, linear 84, activation, linear outputs
//
// Source: LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document
// recognition". This is the simplified form that is common today: every map of the second
// convolution sees all six maps before it (1998: ten of sixteen see fewer), pooling has no weights
// of its own, the activation is a plain ReLU or tanh (1998: 1.7159 tanh(2x/3)), and the outputs are
// linear (1998: distances to fixed patterns). Images under 32 pixels a side are padded by 2, which
// makes MNIST's 28x28 the 32x32 of 1998; at 32x32 the first linear layer is 1998's third
// convolution. 61,706 parameters for 32x32x1 and for 28x28x1 with 10 outputs, 62,006 for 32x32x3.
// Noise sites: hidden1 and hidden2, behind the activations.
// Start: He normal in front of ReLU, LeCun normal in front of tanh and in the output layer, biases
// 0 (see gapbench/layers.h).

#include <algorithm>

#include "nn/recipe.h"

namespace gapbench::nn {

extern const Recipe lenet5;

namespace {

constexpr OptionSpec options[] = {
    option::choice("activation", "relu|tanh", "behind each hidden layer").by_default("tanh"),
    option::choice("pooling", "average|max", "of 2x2 pixels").by_default("average"),
};

Layers build(const Options& o, Shape input, std::size_t width) {
  require_side("lenet5", input, 12);
  const auto activation = o.choice("activation") == "tanh" ? Activation::tanh : Activation::relu;
  const auto pooling = o.choice("pooling") == "max" ? Pooling::max : Pooling::average;
  const double g = gain(activation);
  const std::size_t padding = std::min(input.height, input.width) < 32 ? 2 : 0;
  return Layers(input)
      .convolution("conv1", {.outputs = 6, .kernel = 5, .padding = padding}, g)
      .activation(activation)
      .pool(pooling, 2)
      .convolution("conv2", {.outputs = 16, .kernel = 5}, g)
      .activation(activation)
      .pool(pooling, 2)
      .flatten()
      .linear("hidden1", 120, g)
      .activation(activation)
      .noise("hidden1")
      .linear("hidden2", 84, g)
      .activation(activation)
      .noise("hidden2")
      .linear("output", width, output_gain);
}

}  // namespace

const Recipe lenet5{{"lenet5", "LeNet-5, simplified; LeCun et al. 1998", options}, build};

}  // namespace gapbench::nn
