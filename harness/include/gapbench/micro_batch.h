// The oracle on one micro-batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/kronecker.h"
#include "gapbench/noise_site.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"

namespace gapbench {

/// The problem on one micro-batch at one parameter vector w. Activations are computed once and
/// shared by all questions; asking twice for the same thing costs once where they can be reused.
///
/// All parameter-sized spans have length dimension(), f32, and are overwritten; spans passed to one
/// call must not overlap. Throws Error for a span of another length. Every answer is counted and
/// timed by the harness: a plugin cannot misreport its cost. Cost unit: passes over this
/// micro-batch's examples; under At::variances each counts twice.
/// Thread rule: one thread at a time; different micro-batches run side by side. Valid only during
/// the call that received it.
class GAPBENCH_API MicroBatch {
 public:
  virtual ~MicroBatch();

  virtual std::size_t size() const noexcept = 0;  ///< examples
  virtual std::size_t dimension() const noexcept = 0;
  virtual Parameters parameters() const noexcept = 0;
  /// What is trained on, in a step: the problem's own loss, or the head that a regularizer offers in
  /// its place. The problem's own in a probe.
  virtual const Head& loss() const noexcept = 0;

  /// The outputs at w. Cost: 1 forward, the first time.
  virtual Outputs outputs() = 0;

  /// head(outputs). Cost: 1 forward, the first time.
  virtual double value(const Head& head) = 0;

  /// Writes d head / d w to `out`, returns the value. Cost: 1 forward (the first time) + 1
  /// backward; for a penalty, none where the objective has just asked the same.
  virtual double gradient(const Head& head, std::span<float> out) = 0;

  /// The same at other parameters w [dimension], on the same examples: for finite differences and
  /// methods that look ahead. Afterwards the activations and outputs() of this point are gone: the
  /// next question pays its forward again. Running statistics do not move.
  /// Cost: 1 forward + 1 backward.
  virtual double gradient_at(std::span<const float> w, const Head& head, std::span<float> out) = 0;

  /// Writes H v to `out`; H is the exact Hessian of `head` in w (forward over reverse, Pearlmutter
  /// 1994, "Fast exact multiplication by the Hessian"), not a difference, not Gauss-Newton.
  /// Cost: 1 tangent-forward + 1 tangent-backward (about 2 gradients), + 1 backward unless
  /// gradient(head) was the question asked just before.
  virtual void hessian_vector(const Head& head, std::span<const float> v, std::span<float> out) = 0;

  /// Writes G v to `out`; G = J^T (d2s/dz2) J is the generalized Gauss-Newton matrix of `head`
  /// (Schraudolph 2002). Of CrossEntropy it is the Fisher information with the labels in
  /// expectation under the model, exactly, since its d2s/dz2 does not depend on the labels; of any
  /// head, Head::fisher stands for d2s/dz2. Cost: 1 forward (the first time) + 1 tangent-forward + 1
  /// backward.
  virtual void gauss_newton_vector(const Head& head, std::span<const float> v,
                                   std::span<float> out) = 0;

  /// Writes |d s_i / d w|^2 to `out` [size], s_i the head of example i alone. Throws Error where
  /// the outputs of one example depend on the others (batch normalization): there is no such
  /// gradient. Cost: 1 forward (the first time) + 1 backward; 1 forward more for a problem whose
  /// passes have no example_norms.
  virtual void example_gradient_norms(const Head& head, std::span<double> out) = 0;

  /// Writes out_p = (1/n) sum_i (d s_i / d w_p)^2, s_i the head of example i alone: the diagonal of
  /// the empirical Fisher, or of the Fisher under sampled_labels. Throws Error where the outputs of
  /// one example depend on the others. Cost: 1 forward (the first time) + 2 backward; one by one, 1
  /// forward more, for a problem whose passes have no example_squares.
  virtual void example_gradient_squares(const Head& head, std::span<float> out) = 0;

  /// The places whose factors can be varied, see noise_gradient; none where the problem has none.
  virtual std::span<const NoiseSite> noise_sites() const noexcept = 0;
  /// The factors f of the noise sites as variables. Writes out [size, entries], entries the sum of
  /// the sites' sizes, site after site: out_ie = d s_i / d f_ie at the factors of this draw; where
  /// examples are coupled the derivative of n s, coupling included. At f = 1 that is an activation
  /// times its cotangent. Throws Error for a problem without has_factor_derivatives.
  /// Cost: 1 backward; 1 forward the first time, again where it was made without noise.
  virtual void noise_gradient(const Head& head, std::span<float> out) = 0;
  /// Writes d/dt of gradient(head) along f + t u, u [size, entries] as above; exact: y = f x gives
  /// y' = f x' + u x. Cost: as hessian_vector; the first forward as noise_gradient.
  virtual void noise_hessian_vector(const Head& head, std::span<const float> u,
                                    std::span<float> out) = 0;

  /// Writes d s / d variances of the head of the last gradient(). Throws Error where this
  /// micro-batch has no At::variances. Cost: none beside that gradient.
  virtual void variance_gradient(std::span<float> out) = 0;

  /// The layers whose factors can be had: linear ones and convolutions, in the order of their
  /// tensors; none where the problem is not made of layers.
  virtual std::span<const KroneckerLayer> kronecker_layers() const noexcept = 0;
  /// Writes A and G (see KroneckerLayer) of kronecker_layers()[layer], each row-major. Where
  /// examples are coupled (batch normalization), g is the derivative of n s, coupling included.
  /// Cost: 1 forward (the first time) + 1 backward unless this head was asked of just before, as
  /// for another layer; the sums themselves, n T inputs^2 multiply-adds for A, are timed but are
  /// no passes. Memory: the spans, and one example's patches.
  virtual void kronecker_factors(const Head& head, std::size_t layer, std::span<float> a,
                                 std::span<float> g) = 0;

  /// Labels drawn from the model, see sample_labels, with the numbers of random(purpose): the same
  /// ones however often asked at one point. Kept by the worker: valid until the next call.
  /// Cost: 1 forward, the first time.
  virtual std::span<const std::int32_t> sampled_labels(std::string_view purpose) = 0;

  /// Writes J v [size, width] to `out`; J is the Jacobian of the outputs. Cost: 1 tangent-forward.
  virtual void jacobian_vector(std::span<const float> v, std::span<float> out) = 0;

  /// Writes J^T u to `out`; u is [size, width]. Cost: 1 backward.
  virtual void vector_jacobian(std::span<const float> u, std::span<float> out) = 0;

  /// Buffer `which` (below scratch_buffers) of dimension() floats, 64-byte aligned, kept by the
  /// worker from call to call, so that a hook called every step need not allocate. Contents are
  /// undefined when a hook begins. Free of charge.
  virtual std::span<float> scratch(std::size_t which) = 0;
  static constexpr std::size_t scratch_buffers = 4;

  /// Random numbers of this micro-batch: keyed by (seed, purpose, step, place in the batch).
  virtual Random random(std::string_view purpose) const = 0;
  /// The same numbers for all micro-batches of one mini-batch: keyed by (seed, purpose, step).
  virtual Random step_random(std::string_view purpose) const = 0;

  /// Where this micro-batch stands.
  struct Place {
    std::size_t index = 0;  ///< 0 .. count-1
    std::size_t count = 1;  ///< micro-batches of its mini-batch, or of a probe's sample
    double schedule = 1;    ///< the schedule's factor of the learning rate; 1 for a probe
  };
  virtual Place place() const noexcept = 0;
};

}  // namespace gapbench
