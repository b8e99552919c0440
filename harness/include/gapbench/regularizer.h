// Regularizers: terms added to the objective.
#pragma once

#include <cstdint>
#include <span>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/mini_batch.h"
#include "gapbench/parameters.h"

namespace gapbench {

/// Adds R to the objective. Override one hook or more; the harness finds out at compile time which
/// ones, and a trial whose problem cannot call one of them is refused.
/// Penalties never enter a reported train or test loss.
/// Thread rule: hooks are const and called from several threads at once. Constructed as
/// T(const Options&).
class GAPBENCH_API Regularizer {
 public:
  virtual ~Regularizer();

  /// A penalty on each micro-batch M. Adds grad R_M to `gradient` (which holds the micro-batch's
  /// gradient so far) and returns R_M. The objective gets the mean of R_M over micro-batches,
  /// weighted by their sizes. An empty `gradient` asks for the value only.
  virtual double penalize_micro_batch(MicroBatch& micro_batch, std::span<float> gradient) const;
  /// Examples of the micro-batches that penalize_micro_batch is given; 0: the trial's own, whose
  /// activations it then shares. For what other sizes can be had, see MiniBatch::mean_over.
  virtual std::size_t micro_batch() const noexcept { return 0; }

  /// A penalty on the whole mini-batch, once each time the objective is asked. Adds
  /// grad R to `gradient`, returns R. An empty `gradient` asks for the value only.
  virtual double penalize_mini_batch(MiniBatch& mini_batch, std::span<float> gradient) const;

  /// A penalty on the parameters alone, once a step. Adds grad R to `gradient`, returns R.
  /// An empty `gradient` asks for the value only.
  virtual double penalize_parameters(const Parameters& parameters, std::span<float> gradient) const;
};

/// Which hooks a regularizer overrides, as bits.
enum RegularizerHook : std::uint32_t {
  hook_micro_batch = 1,
  hook_parameters = 2,
  hook_mini_batch = 4
};

}  // namespace gapbench
