// Optimizers and the step they may question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"
#include "gapbench/state.h"

namespace gapbench {

/// One step of training: the objective F(w) on the current mini-batch,
///
///   F(w) = (1/B) sum_i loss_i(w) + sum over regularizers of R(w),
///
/// the current parameters, and where in the schedule we are. A mini-batch is cut into disjoint
/// micro-batches that run side by side; their gradients are summed in a fixed order, so the answer
/// has the same bits on any number of threads. All spans have length dimension(), f32; spans
/// passed to one call must not overlap. Every answer is counted in samples and timed.
/// Thread rule: one thread at a time. Valid only during the call that received it.
class GAPBENCH_API Step {
 public:
  virtual ~Step();

  virtual std::size_t dimension() const noexcept = 0;
  virtual std::span<const TensorInfo> tensors() const noexcept = 0;
  /// The parameters; written in place by the optimizer.
  virtual std::span<float> parameters() noexcept = 0;

  /// Writes grad F at the current parameters, returns F. Cost: B forward + B backward samples,
  /// and what the regularizers ask.
  virtual double gradient(std::span<float> out) = 0;
  /// The same at another point, on the same mini-batch with the same augmentation and random draws.
  virtual double gradient_at(std::span<const float> w, std::span<float> out) = 0;
  /// F at another point, penalties included. Cost: B forward samples and the penalties' own.
  virtual double value_at(std::span<const float> w) = 0;
  /// Writes H v, H the exact Hessian of the mini-batch loss (penalties not included) at the current
  /// parameters. Cost: about 3 gradients' worth of passes (forward, backward and both tangents).
  virtual void hessian_vector(std::span<const float> v, std::span<float> out) = 0;

  /// Calls f(micro_batch, k) for k = 0 .. micro_batches()-1, side by side and in any order: f must
  /// write only to its own place k.
  virtual std::size_t micro_batches() const noexcept = 0;
  virtual void for_each_micro_batch(const std::function<void(MicroBatch&, std::size_t)>& f) = 0;

  virtual std::uint64_t index() const noexcept = 0;     ///< steps done before this one
  virtual double epoch() const noexcept = 0;            ///< training examples seen / their number
  virtual double schedule() const noexcept = 0;         ///< factor of the base rate, in [0, 1]
  virtual std::size_t batch_size() const noexcept = 0;  ///< B of this mini-batch
  virtual std::size_t training_examples() const noexcept = 0;
  virtual Random random(std::string_view purpose) const = 0;  ///< keyed by (seed, purpose, step)
};

/// One optimization method; holds all state of one run. Constructed as
/// T(const Options&, std::span<const TensorInfo> tensors).
/// The learning rate of step k is the optimizer's own `learning_rate` option times step.schedule().
class GAPBENCH_API Optimizer {
 public:
  virtual ~Optimizer();

  /// Moves step.parameters() one step in place. May ask the step any number of questions; must not
  /// keep a reference to it. A step that asks nothing is an error.
  virtual void step(Step& step) = 0;

  /// Names every field of state, for checkpoints. An optimizer without state leaves it empty.
  virtual void archive(State& state) = 0;
};

}  // namespace gapbench
