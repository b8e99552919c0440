// A multi-layer perceptron.
//
//   flatten, depth x (linear width, activation), linear outputs
//
// Inputs are flattened in the order (row, column, channel); depth 0 is a linear model.
// Noise sites: hidden1, hidden2, ..., behind the activations.
// Start: He normal in front of ReLU, LeCun normal in front of tanh and in the output layer, biases
// 0 (see gapbench/layers.h).

#include <fmt/format.h>

#include "nn/recipe.h"

namespace gapbench::nn {

extern const Recipe mlp;

namespace {

constexpr OptionSpec options[] = {
    option::integer("width", "units of each hidden layer")
        .at_least(1)
        .at_most(65536)
        .by_default(256.0),
    option::integer("depth", "hidden layers").at_least(0).at_most(64).by_default(2.0),
    option::choice("activation", "relu|tanh", "behind each hidden layer").by_default("relu"),
};

Layers build(const Options& o, Shape input, std::size_t width) {
  const auto activation = o.choice("activation") == "tanh" ? Activation::tanh : Activation::relu;
  Layers layers(input);
  layers.flatten();
  for (std::size_t i = 1; i <= o.count("depth"); ++i) {
    const std::string name = fmt::format("hidden{}", i);
    layers.linear(name, o.count("width"), gain(activation)).activation(activation).noise(name);
  }
  return layers.linear("output", width, output_gain);
}

}  // namespace

const Recipe mlp{{"mlp", "multi-layer perceptron; Rumelhart, Hinton, Williams 1986", options},
                 build};

}  // namespace gapbench::nn
