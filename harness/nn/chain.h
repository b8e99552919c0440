// Writing an architecture down layer by layer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "nn/engine.h"
#include "nn/layers/convolution.h"
#include "nn/layers/sequence.h"

namespace gapbench::nn {

enum class Activation { relu, tanh };
enum class Pooling { max, average };

/// What stands behind the convolutions of a network; `none` adds nothing.
struct Norm {
  enum class Kind { batch, group, none };
  Kind kind = Kind::batch;
  std::size_t groups = 1;  ///< of a group normalization
  std::size_t ghost = 0;   ///< examples a batch normalization takes together; 0: the micro-batch

  bool exists() const noexcept { return kind != Kind::none; }
};

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

/// Variance of a starting weight times its fan-in, such that signals neither grow nor fade:
/// 2 in front of a ReLU (He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers"),
/// 1 in front of a tanh (LeCun, Bottou, Orr, Mueller 1998, "Efficient backprop").
constexpr double gain(Activation next) { return next == Activation::relu ? 2 : 1; }
/// An output layer has nothing behind it: 1.
constexpr double output_gain = 1;

}  // namespace gapbench::nn
