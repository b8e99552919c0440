// Problems: anything that can be trained. A network on data is one; analytic functions are others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/kronecker.h"
#include "gapbench/noise_site.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"
#include "gapbench/shape.h"

namespace gapbench {

enum class Part : std::uint8_t { train, validation, test };

/// Which statistics normalizations use: of the batch in training, the running ones in evaluation.
/// Noise acts wherever Examples::noise is given, in either.
enum class Mode : std::uint8_t { training, evaluation };

/// The noise of one draw. Const and thread-safe.
class GAPBENCH_API NoiseSource {
 public:
  virtual ~NoiseSource();
  /// Writes the factors of one example at Problem::noise_sites()[site], [its size]: the same ones
  /// however often they are asked for.
  virtual void factors(std::size_t site, std::uint32_t example, std::span<float> out) const = 0;
  /// Writes e of At::variances: N(0, 1), for every output of layer `layer` (in the order of the
  /// weight tensors) of one example. The same ones however often they are asked for.
  virtual void normals(std::size_t layer, std::uint32_t example, std::span<float> out) const = 0;
  /// Whether input() does anything.
  virtual bool changes_inputs() const noexcept { return false; }
  /// Changes the input of one example, [Problem::input_shape()], in place: in the same way however often
  /// it is asked for.
  virtual void input(std::uint32_t /*example*/, Shape /*shape*/,
                     std::span<float> /*values*/) const {}
  /// Whether examples are mixed: mixed_input() then stands for input(), and Outputs tells the labels.
  virtual bool mixes_examples() const noexcept { return false; }
  /// The example of the same part that this one is mixed with.
  virtual std::uint32_t partner(std::uint32_t example) const { return example; }
  /// As input(), with the partner's input, which is changed on the way. Returns the share of the
  /// example's own label.
  virtual double mixed_input(std::uint32_t /*example*/, Shape /*shape*/,
                             std::span<float> /*values*/, std::span<float> /*partners*/) const {
    return 1;
  }
};

/// Which examples to compute, and how they are to be read.
struct Examples {
  Part part = Part::train;
  std::span<const std::uint32_t> indices;  ///< into the part
  bool augmented = false;  ///< random crop and flip, keyed by (seed, epoch, example)
  std::uint64_t epoch = 0;
  /// What flows through a noise site is multiplied by its factors, entry by entry; null: by 1. It
  /// changes inputs and mixes examples, too, where it says so.
  const NoiseSource* noise = nullptr;
  bool ones = false;        ///< every input number is 1; only where Problem::takes_ones()
  std::uint32_t shift = 0;  ///< 0: as they are; k: under Problem::shifts()[k - 1]
};

/// A parameter-sized vector in the form that a problem's passes want it (a network relays its
/// weights here, once per step). Made by Problem::make_point; read by several threads at a time.
class GAPBENCH_API Point {
 public:
  virtual ~Point();
  /// Takes over `values`; the memory must stay valid and unchanged while the point is in use.
  virtual void assign(std::span<const float> values) { values_ = values; }
  std::span<const float> values() const noexcept { return values_; }
  /// Copies the running statistics that Mode::evaluation is to use, laid out as Problem::buffers().
  virtual void assign_buffers(std::span<const float> /*statistics*/) {}
  /// Takes over At::variances [dimension], like assign; empty: none. Called only where
  /// Problem::takes_variances().
  virtual void assign_variances(std::span<const float> /*variances*/) {}

 private:
  std::span<const float> values_;
};

/// Floating-point operations of one pass over one example; a multiply-add is 2.
struct PassFlops {
  double forward = 0;
  double backward = 0;
  double tangent_forward = 0;
  double tangent_backward = 0;
};

/// The four passes on up to `capacity` examples, with the memory they need. z are the outputs
/// [examples, width], w the parameters, v a direction in parameter space.
///
///   protocol: ( forward ( backward | tangent_forward | tangent_forward tangent_backward )* )*
///
/// tangent_backward refers to the last forward, backward and tangent_forward.
/// Thread rule: one thread at a time; each worker has its own Passes. No call allocates.
class GAPBENCH_API Passes {
 public:
  virtual ~Passes();

  /// z(w) on the examples; 1 <= examples.indices.size() <= capacity.
  virtual Outputs forward(const Point& w, const Examples& examples, Mode mode) = 0;
  /// out = (dz/dw)^T cotangent; cotangent [examples, width], out [dimension], overwritten.
  /// Where the problem has example norms or Kronecker layers, `out` may be empty: it is not wanted.
  virtual void backward(std::span<const float> cotangent, std::span<float> out) = 0;
  /// out_i = |(dz_i/dw)^T u_i|^2, u_i the part of the last backward's cotangent that is example
  /// i's; out [examples], overwritten. Refers to the last forward and backward. Called only where
  /// Problem::has_example_norms().
  virtual void example_norms(std::span<double> /*out*/) {}
  /// Writes A and G of Problem::kronecker_layers()[layer], with the last backward's cotangents in
  /// place of g: the head's, a mean over n examples, give 1/n^2 of G. Refers to the last forward
  /// and backward.
  virtual void kronecker_factors(std::size_t /*layer*/, std::span<float> /*a*/,
                                 std::span<float> /*g*/) {}
  /// Returns (dz/dw) v, [examples, width], valid until the next call.
  virtual std::span<const float> tangent_forward(const Point& v) = 0;
  /// out = d/dt of backward's result along w + t v, where the cotangent moves with
  /// `cotangent_tangent`: with that = (d2s/dz2) (dz/dw) v the result is H v, exactly.
  virtual void tangent_backward(std::span<const float> cotangent_tangent, std::span<float> out) = 0;
  /// out_p = sum_i ((dz_i/dw)^T u_i)_p^2, u_i as for example_norms; out [dimension], overwritten.
  /// Refers to the last forward and backward. Called only where Problem::has_example_squares().
  virtual void example_squares(std::span<float> /*out*/) {}
  /// The factors f of the noise sites as variables: out = (dz/df)^T cotangent of the last backward,
  /// out [examples, entries], entries the sum of the sites' sizes, site after site. Refers to the
  /// last forward, made with Examples::noise, and backward. This and the next are called only where
  /// Problem::has_factor_derivatives().
  virtual void factor_gradient(std::span<float> /*out*/) {}
  /// Moves the factors along u, [examples, entries], in the tangent passes that follow: f' = u.
  /// Copied. Empty: f' = 0, as after every forward.
  virtual void factor_tangents(std::span<const float> /*u*/) {}
  /// out = (dz/d variances)^T cotangent of the last backward, [dimension], overwritten. Refers to
  /// the last forward, at a point with variances, and backward.
  virtual void variance_gradient(std::span<float> /*out*/) {}
  /// What the last forward in Mode::training measured of these examples, laid out as
  /// Problem::buffers(); valid until the next forward.
  virtual std::span<const float> statistics() const noexcept { return {}; }
};

/// A finite-sum training problem. Const and thread-safe after construction. A problem plugin is
/// constructed as T(const Options&, Random data_random).
class GAPBENCH_API Problem {
 public:
  virtual ~Problem();

  virtual std::span<const TensorInfo> tensors() const noexcept = 0;
  virtual std::size_t width() const noexcept = 0;  ///< of the outputs
  virtual std::size_t examples(Part part) const noexcept = 0;
  virtual const Head& loss() const noexcept = 0;
  /// Writes the start point; `random` is keyed by the trial's seed.
  virtual void initialize(Random random, std::span<float> w) const = 0;
  virtual std::unique_ptr<Point> make_point() const;  ///< a plain Point unless overridden
  virtual std::unique_ptr<Passes> make_passes(std::size_t capacity) const = 0;
  /// The running statistics (of batch normalization) before the first step; empty without any.
  virtual std::span<const float> buffers() const noexcept { return {}; }
  /// The places that Examples::noise can reach; none unless overridden.
  virtual std::span<const NoiseSite> noise_sites() const noexcept { return {}; }
  /// How one example's input looks that NoiseSource::input can change; nothing unless overridden.
  virtual std::optional<Shape> input_shape() const noexcept { return std::nullopt; }
  virtual PassFlops flops() const noexcept = 0;
  /// Whether in Mode::training an example's outputs depend on the others of its micro-batch, as
  /// under batch normalization.
  virtual bool couples_examples() const noexcept { return !buffers().empty(); }
  /// Whether the passes have example_norms; without, each example takes passes of its own.
  virtual bool has_example_norms() const noexcept { return false; }
  /// In the order of their tensors; empty where the passes have no kronecker_factors.
  virtual std::span<const KroneckerLayer> kronecker_layers() const noexcept { return {}; }
  /// Whether the passes have example_squares; without, each example takes passes of its own.
  virtual bool has_example_squares() const noexcept { return false; }
  /// Whether the passes have factor_gradient and factor_tangents.
  virtual bool has_factor_derivatives() const noexcept { return false; }
  /// Whether points take variances and the passes have variance_gradient.
  virtual bool takes_variances() const noexcept { return false; }
  /// Whether the passes heed Examples::ones.
  virtual bool takes_ones() const noexcept { return false; }
  /// How much one unit of each target, as trained, is in its own units, [width]: errors of a
  /// regression are reported in those. Empty: 1.
  virtual std::span<const double> target_scales() const noexcept { return {}; }
  /// Names of the ways in which the test part can be shifted, see Examples::shift.
  virtual std::span<const std::string> shifts() const noexcept { return {}; }
};

}  // namespace gapbench
