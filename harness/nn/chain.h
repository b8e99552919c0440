// Making the layers of a network, one behind the other.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gapbench/layers.h"
#include "nn/engine.h"
#include "nn/layers/convolution.h"
#include "nn/layers/sequence.h"

namespace gapbench::nn {

/// Layers one behind the other; each takes the shape that the one before it gives.
///
///   Chain(engine, input).flatten().linear("hidden", 100, gain(Activation::relu))...
///
/// Throws Error where a layer does not fit its input.
class Chain {
 public:
  Chain(Engine engine, ImageShape input) : engine_(std::move(engine)), shape_(input) {}

  Chain& convolution(std::string name, const ConvolutionShape& shape, double gain);
  Chain& linear(std::string name, std::size_t outputs, double gain, bool bias = true);
  Chain& activation(Activation kind);
  /// Square windows side by side.
  Chain& pool(Pooling kind, std::size_t side);
  Chain& max_pool(std::size_t side, std::size_t stride, std::size_t padding);
  Chain& global_average_pool();
  /// To side x side pixels.
  Chain& adaptive_average_pool(std::size_t side);
  Chain& normalize(std::string name, const Norm& norm);
  /// main(x) + shortcut(x); both begin at shape(). Without a shortcut, main(x) + x.
  Chain& residual(const std::string& name, std::unique_ptr<Layer> main,
                  std::unique_ptr<Layer> shortcut = nullptr);
  Chain& flatten();
  /// Channels that lie in blocks, side by side.
  Chain& side_by_side();
  /// A noise site of this name.
  Chain& noise(std::string name);

  ImageShape shape() const noexcept { return shape_; }
  /// An empty chain that begins where this one ends.
  Chain branch() const { return {engine_, shape_}; }
  std::unique_ptr<Layer> finish();

 private:
  Chain& add(std::unique_ptr<Layer> layer);

  Engine engine_;
  ImageShape shape_;
  std::vector<std::unique_ptr<Layer>> layers_;
};

/// The layers that a description stands for. Throws Error where the engine has no kernel for one.
std::unique_ptr<const Layer> build(const Engine& engine, const Layers& layers);

}  // namespace gapbench::nn
