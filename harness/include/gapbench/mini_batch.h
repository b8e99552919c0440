// The oracle on one mini-batch.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"

namespace gapbench {

/// A penalty R on one micro-batch: adds grad R to the span (empty: value only), returns R.
using MicroBatchPenalty = std::function<double(MicroBatch&, std::span<float>)>;

/// The problem on the current mini-batch at one parameter vector, as a regularizer may question it.
/// Thread rule: one thread at a time. Valid only during the call that received it.
class GAPBENCH_API MiniBatch {
 public:
  virtual ~MiniBatch();

  virtual std::size_t size() const noexcept = 0;  ///< examples
  virtual std::size_t dimension() const noexcept = 0;
  virtual std::size_t training_examples() const noexcept = 0;
  virtual Parameters parameters() const noexcept = 0;
  virtual double schedule() const noexcept = 0;  ///< the factor of the learning rate

  /// Cuts the mini-batch into disjoint micro-batches of `examples` (the last one takes what is
  /// left) and returns sum_k (n_k / size()) f(micro-batch k); its gradient is added to `gradient`
  /// unless that is empty. Up to the trial's micro-batch they run side by side, so f must be const
  /// in effect; larger ones run one after another, each of them side by side within.
  ///
  /// Where examples are coupled (batch normalization) the trial's micro-batch stays the group that
  /// is normalized together: `examples` must be a multiple or a divisor of it, or at least size();
  /// otherwise throws Error. Without coupling any size is right.
  ///
  /// Cost: what f asks. Beyond the trial's micro-batch activations are not kept between questions,
  /// so every question pays its forward. A part of a normalized group pays for the whole group.
  virtual double mean_over(std::size_t examples, const MicroBatchPenalty& f,
                           std::span<float> gradient) = 0;

  virtual Random random(std::string_view purpose) const = 0;  ///< keyed by (seed, purpose, step)
};

}  // namespace gapbench
