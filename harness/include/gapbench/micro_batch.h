// The oracle on one micro-batch.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/head.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"

namespace gapbench {

/// The problem on one micro-batch at one parameter vector w. Activations are computed once and
/// shared by all questions; asking twice for the same thing costs once where they can be reused.
///
/// All parameter-sized spans have length dimension(), f32, and are overwritten; spans passed to one
/// call must not overlap. Every answer is counted and timed by the harness: a plugin cannot
/// misreport its cost. Cost unit: passes over this micro-batch's examples.
/// Thread rule: one thread at a time; different micro-batches run side by side. Valid only during
/// the call that received it.
class GAPBENCH_API MicroBatch {
 public:
  virtual ~MicroBatch();

  virtual std::size_t size() const noexcept = 0;  ///< examples
  virtual std::size_t dimension() const noexcept = 0;
  virtual Parameters parameters() const noexcept = 0;
  virtual const Head& loss() const noexcept = 0;  ///< the problem's own loss

  /// The outputs at w. Cost: 1 forward, the first time.
  virtual Outputs outputs() = 0;

  /// head(outputs). Cost: 1 forward, the first time.
  virtual double value(const Head& head) = 0;

  /// Writes d head / d w to `out`, returns the value. Cost: 1 forward (the first time) + 1
  /// backward.
  virtual double gradient(const Head& head, std::span<float> out) = 0;

  /// Writes H v to `out`; H is the exact Hessian of `head` in w (forward over reverse, Pearlmutter
  /// 1994, "Fast exact multiplication by the Hessian"), not a difference, not Gauss-Newton.
  /// Cost: 1 tangent-forward + 1 tangent-backward (about 2 gradients), + 1 backward unless
  /// gradient(head) was the question asked just before.
  virtual void hessian_vector(const Head& head, std::span<const float> v, std::span<float> out) = 0;

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
};

}  // namespace gapbench
