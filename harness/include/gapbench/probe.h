// Probes: measurements of a network while or after it trains.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/parameters.h"
#include "gapbench/random.h"

namespace gapbench {

/// Which examples a probe wants to see: `count` disjoint micro-batches of `size` training examples,
/// in training mode; drawn afresh (keyed by seed and step), or `fixed`: the same at every step.
struct Sample {
  std::size_t size = 128;
  std::size_t count = 16;
  bool augmented = false;
  bool fixed = false;
};

/// The problem at one moment of a run. Thread rule: one thread at a time.
class GAPBENCH_API Snapshot {
 public:
  virtual ~Snapshot();

  virtual Parameters parameters() const noexcept = 0;
  virtual Parameters initial_parameters() const noexcept = 0;
  virtual std::uint64_t step() const noexcept = 0;
  virtual std::size_t training_examples() const noexcept = 0;

  /// Calls f(micro_batch, k) for k = 0 .. count-1, side by side and in any order: f must write only
  /// to its own place k. Throws Error when the training set has fewer than size * count examples.
  virtual void for_each_micro_batch(const Sample& sample,
                                    const std::function<void(MicroBatch&, std::size_t)>& f) = 0;

  /// out = (1/count) sum_k out_k, [dimension], where f(micro_batch, k, out_k) writes out_k: the
  /// mean gradient, a Hessian-vector product of the mean loss ... Side by side, added in a fixed
  /// order; memory does not grow with count. Throws as for_each_micro_batch does.
  virtual void mean_over(const Sample& sample,
                         const std::function<void(MicroBatch&, std::size_t, std::span<float>)>& f,
                         std::span<float> out) = 0;

  virtual Random random(std::string_view purpose) const = 0;  ///< keyed by (seed, purpose, step)
};

/// Where a probe puts its numbers.
class GAPBENCH_API Metrics {
 public:
  virtual ~Metrics();
  /// `name` is lower_snake_case and unique within the probe; `unit` is "" for a pure number.
  virtual void add(std::string_view name, double value, std::string_view unit) = 0;
};

/// Measures without changing anything; its cost is booked apart from training. Constructed as
/// T(const Options&).
class GAPBENCH_API Probe {
 public:
  virtual ~Probe();
  virtual void measure(Snapshot& snapshot, Metrics& metrics) = 0;
};

}  // namespace gapbench
