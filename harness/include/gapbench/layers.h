// A network as its author writes it down: layer by layer, in plain values. The harness computes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/shape.h"

namespace gapbench {

enum class Activation : std::uint8_t { relu, tanh };
enum class Pooling : std::uint8_t { max, average };

/// Variance of a starting weight times its fan-in, such that signals neither grow nor fade:
/// 2 in front of a ReLU (He, Zhang, Ren, Sun 2015, "Delving deep into rectifiers"),
/// 1 in front of a tanh (LeCun, Bottou, Orr, Mueller 1998, "Efficient backprop").
constexpr double gain(Activation next) { return next == Activation::relu ? 2 : 1; }
/// An output layer has nothing behind it: 1.
inline constexpr double output_gain = 1;

struct ConvolutionShape {
  std::size_t outputs = 1;  ///< channels
  std::size_t kernel = 3;   ///< height and width, pixels
  std::size_t stride = 1;
  std::size_t padding = 0;  ///< zeros on each side
  bool bias = true;         ///< in front of a normalization it would change nothing
  friend bool operator==(const ConvolutionShape&, const ConvolutionShape&) = default;
};

/// What stands behind the convolutions of a network; `none` adds nothing.
struct Norm {
  enum class Kind : std::uint8_t { batch, group, none };
  Kind kind = Kind::batch;
  std::size_t groups = 1;  ///< of a group normalization
  std::size_t ghost = 0;   ///< examples a batch normalization takes together; 0: the micro-batch

  bool exists() const noexcept { return kind != Kind::none; }
  friend bool operator==(const Norm&, const Norm&) = default;
};

/// The lines of a description, see the functions of Layers.
namespace layer {

struct Any;

struct Convolution {
  std::string name;
  ConvolutionShape shape;
  double gain;
};
struct Linear {
  std::string name;
  std::size_t outputs;
  double gain;
  bool bias;
};
struct Activate {
  Activation kind;
};
struct Pool {
  Pooling kind;
  std::size_t side;
  std::size_t stride;
  std::size_t padding;
};
struct GlobalAveragePool {};
struct AdaptiveAveragePool {
  std::size_t side;
};
struct Flatten {};
struct Normalize {
  std::string name;
  Norm norm;
};
struct Noise {
  std::string name;
};
struct Residual {
  std::string name;
  std::vector<Any> main;
  std::optional<std::vector<Any>> shortcut;  ///< nothing: the identity
};

struct Any {
  std::variant<Convolution, Linear, Activate, Pool, GlobalAveragePool, AdaptiveAveragePool, Flatten,
               Normalize, Noise, Residual>
      is;
};

}  // namespace layer

/// Layers one behind the other; each takes the shape that the one before it gives.
///
///   Layers(input).flatten().linear("hidden", 100, gain(Activation::relu)).activation(...)...
///
/// Every function throws Error(name of the layer, ...) where it does not fit its input: what was
/// given, and what would. Names are lower-case letters, digits, '_' and '.'; those of layers with
/// parameters are unique within a network, and so are those of noise sites. At most 2^31 - 1
/// parameters, numbers between two layers, 10,000 layers, and residuals in residuals 100 deep.
class GAPBENCH_API Layers {
 public:
  explicit Layers(Shape input);

  /// Cross-correlation with zero padding; h' = floor((h + 2 padding - kernel) / stride) + 1.
  /// Tensors <name>.weight [outputs, channels, kernel, kernel], normal of variance gain / fan-in at
  /// the start, and <name>.bias, 0.
  Layers& convolution(std::string name, const ConvolutionShape& shape, double gain);
  /// y = x W^T + b on all numbers of an example, in the order (row, column, channel).
  Layers& linear(std::string name, std::size_t outputs, double gain, bool bias = true);
  Layers& activation(Activation kind);
  /// Square windows side by side; what is left of the image is left out.
  Layers& pool(Pooling kind, std::size_t side);
  /// h' = floor((h + 2 padding - side) / stride) + 1; pixels outside the image do not exist.
  Layers& max_pool(std::size_t side, std::size_t stride, std::size_t padding);
  /// The mean of each channel.
  Layers& global_average_pool();
  /// Means over side x side windows that divide the image as evenly as whole pixels allow.
  Layers& adaptive_average_pool(std::size_t side);
  /// Batch or group normalization with <name>.scale and <name>.shift [channels]; of kind none,
  /// nothing.
  Layers& normalize(std::string name, const Norm& norm);
  /// main(x) + shortcut(x); both begin as branch(). Without a shortcut, main(x) + x.
  Layers& residual(std::string name, Layers main);
  Layers& residual(std::string name, Layers main, Layers shortcut);
  Layers& flatten();
  /// A place where regularizers may multiply what flows, as dropout does: without one, nothing
  /// happens here.
  Layers& noise(std::string name);

  Shape input() const noexcept { return input_; }
  Shape shape() const noexcept { return shape_; }
  /// An empty description that begins where this one ends.
  Layers branch() const { return Layers(shape_); }
  std::span<const layer::Any> lines() const noexcept { return lines_; }
  std::size_t parameters() const noexcept { return parameters_; }

 private:
  /// What the line adds besides itself.
  struct Extent {
    double parameters = 0;
    std::size_t layers = 0;
    std::size_t nesting = 0;
  };
  Layers& add(const std::string& name, layer::Any line, Shape output, Extent extent);
  Layers& add_residual(const std::string& name, Layers main, std::optional<Layers> shortcut);

  Shape input_;
  Shape shape_;
  std::vector<layer::Any> lines_;
  std::size_t parameters_ = 0;
  std::size_t count_ = 0;    ///< of layers, those of residuals, too
  std::size_t nesting_ = 0;  ///< of residuals
};

/// One line a layer with all that decides it; equal texts are equal descriptions.
GAPBENCH_API std::string to_text(const Layers& layers);

/// Throws Error(name, ...) unless the input has at least `side` x `side` pixels.
GAPBENCH_API void require_side(const char* name, Shape input, std::size_t side);

class Options;

/// How a network is written down: by its options, for one input and number of outputs (classes, or
/// targets of a regression). Throws Error where it does not fit them. A pure function: the same
/// layers for the same arguments, whatever was asked before; several threads at a time.
using NetworkBuilder = Layers(const Options& options, Shape input, std::size_t outputs);

/// What a builder gives, if it is a whole network: it begins at this input, has parameters, gives
/// 1 x 1 x outputs, and no two of its tensors or noise sites share a name. Throws Error(network, ...)
/// else; of an Error of a layer, the network's name stands in front. The harness asks before it
/// computes one.
GAPBENCH_API Layers describe_network(const std::string& network, NetworkBuilder* build,
                                     const Options& options, Shape input, std::size_t outputs);

/// The noise sites in the order of the layers.
GAPBENCH_API std::vector<std::string> noise_sites(const Layers& layers);

}  // namespace gapbench
