// Regularizers: terms added to the objective.
#pragma once

#include <cstdint>
#include <span>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
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

  /// A penalty on the parameters alone, once a step. Adds grad R to `gradient`, returns R.
  /// An empty `gradient` asks for the value only.
  virtual double penalize_parameters(const Parameters& parameters, std::span<float> gradient) const;
};

/// Which hooks a regularizer overrides, as bits.
enum RegularizerHook : std::uint32_t { hook_micro_batch = 1, hook_parameters = 2 };

}  // namespace gapbench
