// Networks: trees of layers with four passes, planned once per micro-batch size.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gapbench/layers.h"
#include "gapbench/options.h"
#include "gapbench/parameters.h"
#include "gapbench/problem.h"
#include "gapbench/random.h"

namespace gapbench::nn {

/// How the numbers between two layers are stored.
enum class Precision { f32, bf16 };

/// One example's shape and how it lies in memory. Element (y, x, c) lies at
/// ((c / lanes * height + y) * width + x) * lanes + c % lanes; channels-last where all channels lie
/// side by side. A channel-blocked example is thus planes() small channels-last images.
struct ImageShape {
  std::size_t height = 1;
  std::size_t width = 1;
  std::size_t channels = 1;
  std::size_t block = 0;  ///< channels that lie side by side; 0: all
  Precision precision = Precision::f32;

  std::size_t size() const noexcept { return height * width * channels; }
  std::size_t lanes() const noexcept { return block == 0 ? channels : block; }
  std::size_t planes() const noexcept { return channels / lanes(); }
  ImageShape plane() const noexcept { return {height, width, lanes(), 0, precision}; }
};

/// The passes of one worker: memory for one micro-batch of a fixed number of examples.
/// The protocol and the meaning of every call are those of gapbench::Passes; inputs are given
/// instead of example numbers.
class Workspace {
 public:
  virtual ~Workspace() = default;

  /// Where the caller writes the inputs, [examples, height, width, channels], 64-byte aligned.
  virtual std::span<float> inputs() noexcept = 0;
  /// Returns the outputs [examples, width], valid until the next forward.
  virtual std::span<const float> forward(const Point& w, Mode mode) = 0;
  virtual void backward(std::span<const float> cotangent, std::span<float> out) = 0;
  virtual void example_norms(std::span<double> out) = 0;
  virtual void kronecker_factors(std::size_t layer, std::span<float> a, std::span<float> g) = 0;
  /// Only where Network::has_example_squares().
  virtual void example_squares(std::span<float> out) = 0;
  virtual std::span<const float> tangent_forward(const Point& v) = 0;
  virtual void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) = 0;
  /// Mean and unbiased variance of every batch normalization, in network order, as the last
  /// training forward measured them.
  virtual std::span<const float> statistics() const noexcept = 0;
  /// The factors that every forward multiplies by at one of Network::noise_sites(), [examples, its
  /// size]: for the caller to write, and to keep. This and the next two of a noisy workspace only.
  virtual std::span<float> factors(std::size_t site) noexcept = 0;
  virtual void factor_gradient(std::span<float> out) = 0;
  virtual void factor_tangents(std::span<const float> u) = 0;
  /// e of the `layer`-th weight tensor, [examples, outputs], for the caller to write before a forward at a
  /// point with variances. This and the next of a Gaussian workspace, which has no tangent passes, example
  /// norms and Kronecker factors.
  virtual std::span<float> normals(std::size_t layer) noexcept = 0;
  virtual void variance_gradient(std::span<float> out) = 0;
};

/// An architecture for one input shape and output width. Immutable and thread-safe once made.
class Network {
 public:
  virtual ~Network() = default;

  virtual std::span<const TensorInfo> tensors() const noexcept = 0;
  virtual std::size_t dimension() const noexcept = 0;
  virtual ImageShape input() const noexcept = 0;
  virtual std::size_t width() const noexcept = 0;
  virtual void initialize(Random random, std::span<float> w) const = 0;
  /// Relays weights for the kernels; assign() costs one pass over the parameters.
  virtual std::unique_ptr<Point> make_point() const = 0;
  /// Plans and allocates for micro-batches of exactly `examples`. Primitives are made once per
  /// (network, examples) and shared by all workspaces. Thread-safe; not for the step loop.
  virtual std::unique_ptr<Workspace> make_workspace(std::size_t examples) const = 0;
  /// The same with factors at the noise sites, which cost nothing in a plain workspace.
  virtual std::unique_ptr<Workspace> make_noisy_workspace(std::size_t examples) const = 0;
  /// A noisy one for points with variances; only where it takes_variances(): all weight tensors in f32.
  virtual std::unique_ptr<Workspace> make_gaussian_workspace(std::size_t examples) const = 0;
  virtual bool takes_variances() const noexcept = 0;
  /// All parameters belong to layers with a weight tensor: no normalizations.
  virtual bool has_example_squares() const noexcept = 0;
  /// Whether this point of the network's has been given some.
  virtual bool has_variances(const Point& point) const noexcept = 0;
  virtual PassFlops flops() const noexcept = 0;
  virtual std::span<const KroneckerLayer> kronecker_layers() const noexcept = 0;
  /// The running statistics before the first step: mean 0 and variance 1 for every channel of every
  /// batch normalization, network order. Point::assign_buffers takes this many.
  virtual std::span<const float> buffers() const noexcept = 0;
  virtual std::span<const NoiseSite> noise_sites() const noexcept = 0;
};

/// An architecture a user can name.
struct Architecture {
  const char* name;
  const char* summary;  ///< one line, ends with the source
  std::span<const OptionSpec> options;
};

std::span<const Architecture> architectures();

/// The names of its noise sites for 32x32x3 inputs with default options.
std::vector<std::string> usual_noise_sites(const Architecture& architecture);

/// Throws Error with the valid names for an unknown one: these, and `others`.
const Architecture& find_architecture(const std::string& name,
                                      std::vector<std::string> others = {});

/// An architecture's layers; `options` resolved against its specs. Throws Error when they do not fit
/// the input.
Layers layers_of(const std::string& name, const Options& options, Shape input, std::size_t width);

/// The network of a whole description (see describe_network), computed as engine_options say;
/// `options` may hold others, too. Throws Error(options.owner(), ...) where the engine has no kernel.
std::unique_ptr<const Network> make_network(const Layers& layers, const Options& options);

/// The two together.
std::unique_ptr<const Network> make_network(const std::string& name, const Options& options,
                                            ImageShape input, std::size_t width);

/// oneDNN's version and the instruction set it uses here: for environment.json.
std::string library_version();
std::string instruction_set();

}  // namespace gapbench::nn
