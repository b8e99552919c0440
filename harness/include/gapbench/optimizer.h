// Optimizers and the step they may question.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "gapbench/at.h"
#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"
#include "gapbench/parameters.h"
#include "gapbench/posterior.h"
#include "gapbench/random.h"
#include "gapbench/state.h"

namespace gapbench {

/// What a question about micro-batch k writes: its term of a mean, of any length.
using MicroBatchTerm = std::function<void(MicroBatch&, std::size_t k, std::span<float> term)>;

/// One step of training: the objective F(w) on the current mini-batch,
///
///   F(w) = (1/B) sum_i loss_i(w) + sum over regularizers of R(w),
///
/// the current parameters, and where in the schedule we are. loss_i is the problem's own, or the
/// head that a regularizer offers in its place. A mini-batch is cut into disjoint micro-batches
/// that run side by side; their gradients are summed in a fixed order, so the answer has the same
/// bits on any number of threads. Every question says where it is asked (At{}: at the current
/// parameters, under the step's own noise); the short forms below each ask it there.
///
/// Spans are f32, of length dimension() where nothing else is said; those passed to one call must
/// not overlap. Throws Error for a span of another length, and see At::variances. Every answer is
/// counted in samples and timed.
/// Thread rule: one thread at a time. Valid only during the call that received it.
class GAPBENCH_API Step {
 public:
  virtual ~Step();

  virtual std::size_t dimension() const noexcept = 0;
  virtual std::span<const TensorInfo> tensors() const noexcept = 0;
  /// The parameters; written in place by the optimizer.
  virtual std::span<float> parameters() noexcept = 0;
  /// What Problem::initialize wrote, wherever this trial started from: the center of a prior that
  /// has not seen the data.
  virtual std::span<const float> initial_parameters() const noexcept = 0;

  /// Writes grad F; where `by_variance` is not empty, also dF / d variances. Returns F.
  /// Everywhere on the same mini-batch with the same augmentation.
  /// Cost: B forward + B backward samples, and what the regularizers ask; twice that under
  /// variances.
  virtual double gradient(const At& at, std::span<float> out, std::span<float> by_variance) = 0;
  /// F, penalties included. Cost: B forward samples and the penalties' own.
  virtual double value(const At& at) = 0;
  /// Writes H v, H the exact Hessian of the mini-batch loss (penalties not included). Cost: about 3
  /// gradients' worth of passes (forward, backward and both tangents).
  virtual void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) = 0;

  /// Calls f(micro_batch, k) for k = 0 .. micro_batches()-1, side by side and in any order: f must
  /// write only to its own place k.
  virtual std::size_t micro_batches() const noexcept = 0;
  virtual void for_each_micro_batch(const At& at,
                                    const std::function<void(MicroBatch&, std::size_t)>& f) = 0;
  /// out = sum_k (n_k / B) f_k over the mini-batch cut into micro-batches of `examples` (0: the
  /// trial's; what other sizes can be had: MiniBatch::mean_over), where f(micro_batch, k, term)
  /// writes f_k. `out` has any length, and `term` the same: Kronecker factors, second moments of
  /// example gradients (examples = 1). Up to the trial's micro-batch they run side by side, so f
  /// must write to its term only; added in a fixed order. Memory: min(count, 16) x out.
  virtual void mean_over(const At& at, std::size_t examples, const MicroBatchTerm& f,
                         std::span<float> out) = 0;

  double gradient(std::span<float> out) { return gradient(At{}, out, {}); }
  double gradient(const At& at, std::span<float> out) { return gradient(at, out, {}); }
  double gradient_at(std::span<const float> w, std::span<float> out) {
    return gradient(At{.parameters = w}, out, {});
  }
  double value_at(std::span<const float> w) { return value(At{.parameters = w}); }
  void hessian_vector(std::span<const float> v, std::span<float> out) {
    hessian_vector(At{}, v, out);
  }
  void for_each_micro_batch(const std::function<void(MicroBatch&, std::size_t)>& f) {
    for_each_micro_batch(At{}, f);
  }
  void mean_over(const MicroBatchTerm& f, std::span<float> out) { mean_over(At{}, 0, f, out); }

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

  /// Names every field of state, for checkpoints. An optimizer without state leaves it empty. A
  /// vector gets its length in the constructor: reading overwrites, it does not resize.
  virtual void archive(State& state) = 0;

  /// The posterior that this method keeps, the same object all its life; null: none. Overridden by
  /// methods that have one, and by those that hold another optimizer, which pass on the inner
  /// one's. Asked between steps only.
  virtual Posterior* posterior() noexcept { return nullptr; }
  /// The point that this method stands for, [dimension], where that is not the one it trains at (an
  /// average of iterates, say); empty: the trial's parameters. Evaluations and probes take it, and
  /// who starts from the end of this trial; with batch normalization the statistics are measured
  /// there. Asked between steps only; valid until the next one.
  virtual std::span<const float> evaluated() const noexcept { return {}; }
};

}  // namespace gapbench
