// Layers: the four passes, and how a layer, its plan and its stage relate.
//
//   Layer    one layer of an architecture for one input shape; immutable, shared by all threads
//   Plan     the layer for one number of examples: its oneDNN primitives; immutable, shared
//   Stage    the plan in one workspace: the passes, bound to that workspace's memory
//   Weights  the layer's part of a Point, laid out as its primitives want it
//
// A layer may hold layers (layers/sequence.h), so a network is a tree.
#pragma once

#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <string>
#include <vector>

#include "gapbench/parameters.h"
#include "gapbench/problem.h"
#include "nn/arena.h"
#include "nn/bf16.h"
#include "nn/network.h"

namespace gapbench::nn {

/// A tensor between two layers and its three companions, [examples, height, width, channels] each.
/// With s the scalar that is differentiated and ' the derivative along a direction v of the
/// parameters: value x, cotangent dx = ds/dx, tangent x', cotangent_tangent (dx)'.
/// The companions are null where the tensor does not depend on any parameter.
/// Numbers are floats or Bf16, as the ImageShape that goes with the flow says.
struct Flow {
  void* value = nullptr;
  void* cotangent = nullptr;
  void* tangent = nullptr;
  void* cotangent_tangent = nullptr;
  /// The next layer may write its own output over this one: nobody reads it later.
  bool overwritable = false;

  bool varies() const noexcept { return tangent != nullptr; }
};

/// A flow of known numbers.
template <class T>
struct View {
  T* value;
  T* cotangent;
  T* tangent;
  T* cotangent_tangent;
};
template <class T>
View<T> view(const Flow& flow) {
  return {static_cast<T*>(flow.value), static_cast<T*>(flow.cotangent),
          static_cast<T*>(flow.tangent), static_cast<T*>(flow.cotangent_tangent)};
}

/// f(a number of that precision)
template <class F>
auto with_numbers(Precision precision, F f) {
  return precision == Precision::bf16 ? f(Bf16{}) : f(float{});
}

/// What a layer takes from its workspace when it is bound.
struct Bench {
  std::size_t examples;
  Arena& arena;
  float* scratch;  ///< shared by all stages; undefined between calls
  dnnl::stream stream;
  std::span<float> statistics = {};  ///< room for those that are not yet bound
  const Flow* addend = nullptr;      ///< of the layer that has absorbed a sum
  std::span<float> factors = {};  ///< those of noise sites not yet bound; empty: there is no noise
  bool gaussian = false;          ///< weights have variances, see layers/gaussian.h

  /// Room for one tensor.
  void* tensor(const ImageShape& shape) {
    const std::size_t numbers = examples * shape.size();
    return arena.floats(shape.precision == Precision::bf16 ? (numbers + 1) / 2 : numbers);
  }

  /// A new tensor; with companions where it varies.
  Flow flow(const ImageShape& shape, bool varies, bool overwritable) {
    if (!varies) return {.value = tensor(shape), .overwritable = overwritable};
    return {tensor(shape), tensor(shape), tensor(shape), tensor(shape), overwritable};
  }

  std::span<float> take_statistics(std::size_t count) { return take(statistics, count); }
  /// For sites of `count` entries an example; empty where there is no noise.
  std::span<float> take_factors(std::size_t count) {
    return take(factors, factors.empty() ? 0 : examples * count);
  }

 private:
  static std::span<float> take(std::span<float>& all, std::size_t count) {
    const auto taken = all.first(count);
    all = all.subspan(count);
    return taken;
  }
};

/// One parameter tensor of a layer and its start: `start` everywhere, or, with a deviation, drawn
/// around 0. Its offset is set by the network. A weight matrix says how many inputs it multiplies and
/// at how many positions, see KroneckerLayer; others 0.
struct ParameterSpec {
  TensorInfo tensor;
  double deviation = 0;
  float start = 0;
  std::size_t kronecker_inputs = 0;
  std::size_t positions = 0;
  bool takes_variances = false;
};

/// Thread rule: assign() by one thread; read by several at a time.
class Weights {
 public:
  virtual ~Weights() = default;
  /// `values` are the layer's own parameters in plain order; they must stay valid and unchanged.
  virtual void assign(std::span<const float> values) = 0;
  /// The layer's own running statistics; copied.
  virtual void assign_buffers(std::span<const float>) {}
};

class Plan {
 public:
  virtual ~Plan() = default;
  virtual std::size_t scratch() const noexcept { return 0; }  ///< floats
};

/// The factors f of a noise site as variables. Entries in the given order, those of an example
/// `stride` behind those of the one before.
class NoiseFactors {
 public:
  virtual ~NoiseFactors() = default;
  virtual std::size_t entries() const noexcept = 0;  ///< of one example
  /// Writes ds/df = x dy of the last forward and backward.
  virtual void gradient(float* out, std::size_t stride) const = 0;
  /// f' = u in the tangent passes that follow; null, and after every forward: 0.
  virtual void move(const float* u, std::size_t stride) = 0;
};

/// What a layer with weights knows of single examples, under the last forward and backward.
class KroneckerFactors {
 public:
  virtual ~KroneckerFactors() = default;
  /// As Passes::kronecker_factors.
  virtual void compute(std::span<float> a, std::span<float> g) const = 0;
  /// As Passes::example_squares, of its parameters in plain order.
  virtual void squares(std::span<float> out) const = 0;
};

/// A layer whose weights have variances.
class GaussianPart {
 public:
  virtual ~GaussianPart() = default;
  virtual std::size_t parameters() const noexcept = 0;
  /// e of all examples at its outputs, plain order: for the caller to write before a forward.
  virtual std::span<float> normals() noexcept = 0;
  /// The variances of its parameters in plain order; they must stay valid and unchanged.
  virtual void assign(std::span<const float> variances) = 0;
  /// Writes ds / d variances of the last forward and backward that wanted the weights' gradient.
  virtual void gradient(std::span<float> out) const = 0;
};

/// The four passes over one micro-batch. w are the parameters, v a direction; `out` has one float a
/// parameter of the layer, plain order, overwritten. The order of calls is that of
/// gapbench::Passes; w is the same in all calls that follow a forward.
/// Thread rule: one thread at a time. No call allocates (oneDNN itself makes a few small ones).
class Stage {
 public:
  virtual ~Stage() = default;
  virtual void forward(const Weights& w, Mode mode) = 0;
  /// `out` may be empty: cotangents alone are wanted.
  virtual void backward(const Weights& w, std::span<float> out) = 0;
  virtual void tangent_forward(const Weights& w, const Weights& v) = 0;
  virtual void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) = 0;
  /// Adds to totals[i] the squared length of what example i alone adds to the parameter gradient,
  /// under the last forward and backward. Layers add up since no two of them share a parameter and
  /// each runs once a pass.
  virtual void add_example_norms(std::span<double> totals) = 0;
  /// Appends the factors of its layers, in the order of their parameters; they live in the stage.
  virtual void list_factors(std::vector<const KroneckerFactors*>& /*all*/) const {}
  /// The same of its noise sites, in the order of Layer::noise_sites; of a noisy workspace only.
  virtual void list_noise(std::vector<NoiseFactors*>& /*all*/) {}
  /// The same of its layers with variances, in the order of their parameters; of a Gaussian workspace only.
  virtual void list_gaussians(std::vector<GaussianPart*>& /*all*/) {}
};

/// A part's share of a parameter gradient; of an empty one an empty one.
inline std::span<float> share(std::span<float> out, std::size_t begin, std::size_t size) {
  return out.empty() ? out : out.subspan(begin, size);
}

struct Bound {
  std::unique_ptr<Stage> stage;
  Flow output;
};

/// What may follow a layer: a sum with Bench::addend; a rectifier.
enum class Ending { sum, rectifier };

class Layer {
 public:
  virtual ~Layer() = default;

  /// Asks the layer to do what follows it in its own sweeps; false where it cannot. Part of the
  /// building of a network: before any other call.
  virtual bool absorb(Ending) { return false; }

  virtual ImageShape output() const noexcept = 0;
  virtual std::vector<ParameterSpec> parameters() const { return {}; }
  /// The running statistics before the first step; empty for all but batch normalization.
  virtual std::vector<float> buffers() const { return {}; }
  virtual std::vector<NoiseSite> noise_sites() const { return {}; }
  virtual std::unique_ptr<Weights> make_weights() const;
  /// `varies`: the layer's input depends on parameters. Only convolutions and linear layers are
  /// counted; what the others do is of lower order.
  virtual PassFlops flops(bool varies) const;
  virtual std::unique_ptr<const Plan> plan(std::size_t examples) const;
  virtual Bound bind(const Plan& plan, const Flow& input, Bench& bench) const = 0;
};

/// A stage without parameters: y = f(x). It is asked for the three derivative passes only where
/// its input varies.
class ParameterlessStage : public Stage {
 public:
  explicit ParameterlessStage(bool varies) : varies_(varies) {}

  void forward(const Weights&, Mode) final { forward(); }
  void backward(const Weights&, std::span<float>) final {
    if (varies_) backward();
  }
  void tangent_forward(const Weights&, const Weights&) final {
    if (varies_) tangent_forward();
  }
  void tangent_backward(const Weights&, const Weights&, std::span<float>) final {
    if (varies_) tangent_backward();
  }
  void add_example_norms(std::span<double>) final {}

 private:
  virtual void forward() = 0;
  virtual void backward() = 0;
  virtual void tangent_forward() = 0;
  virtual void tangent_backward() = 0;

  bool varies_;
};

std::size_t count(std::span<const ParameterSpec> parameters) noexcept;
/// Entries of one example at all of these.
std::size_t count(std::span<const NoiseSite> sites) noexcept;
PassFlops operator+(const PassFlops& a, const PassFlops& b) noexcept;

}  // namespace gapbench::nn
