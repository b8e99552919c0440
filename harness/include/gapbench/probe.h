// Probes: measurements of a network while or after it trains.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "gapbench/at.h"
#include "gapbench/export.h"
#include "gapbench/micro_batch.h"
#include "gapbench/options.h"
#include "gapbench/parameters.h"
#include "gapbench/posterior.h"
#include "gapbench/problem.h"
#include "gapbench/random.h"

namespace gapbench {

/// Which examples a probe wants to see, and how: `count` disjoint micro-batches of `size` examples,
/// drawn afresh (keyed by seed and step) or `fixed`, the same at every step. The defaults are
/// training examples in training mode, without augmentation and noise.
struct Sample {
  std::size_t size = 128;
  /// 0: the whole part in its own order, the last micro-batch takes what is left.
  std::size_t count = 16;
  bool augmented = false;  ///< random crop and flip, of training examples
  bool fixed = false;
  Part part = Part::train;  ///< train or validation: a probe never sees test examples
  Mode mode = Mode::training;
  /// Where; a draw other than no_noise switches the method's own noise on, in either mode.
  At at{.draw = At::no_noise};
  bool ones = false;  ///< every input number is 1 (path norms)
};

namespace option {

/// What most probes let a user say of their sample; read with sample_of. Splice it with options of
/// your own by joined().
///
///   constexpr auto options = option::joined(option::sample({.least = 2}), std::array{ ... });
struct SampleDefaults {
  std::int64_t size = 128;
  std::int64_t count = 16;
  std::int64_t least = 1;  ///< micro-batches; 2 where a spread over them is taken
};
consteval std::array<OptionSpec, 2> sample(SampleDefaults defaults = {}) {
  return {integer("micro_batch", "size of a micro-batch")
              .at_least(1)
              .in_unit("examples")
              .by_default(defaults.size),
          integer("count", "number of micro-batches")
              .at_least(static_cast<double>(defaults.least))
              .by_default(defaults.count)};
}

}  // namespace option

/// The fixed sample that option::sample's options ask for; set what else should differ.
GAPBENCH_API Sample sample_of(const Options& options);

/// The problem at one moment of a run. Thread rule: one thread at a time.
class GAPBENCH_API Snapshot {
 public:
  virtual ~Snapshot();

  /// Those that evaluation takes: the trial's, or Optimizer::evaluated.
  virtual Parameters parameters() const noexcept = 0;
  /// What Problem::initialize wrote, wherever the trial started from.
  virtual Parameters initial_parameters() const noexcept = 0;
  virtual std::uint64_t step() const noexcept = 0;
  virtual std::size_t training_examples() const noexcept = 0;
  virtual const Head& loss() const noexcept = 0;  ///< the problem's own
  virtual std::span<const KroneckerLayer> kronecker_layers() const noexcept = 0;
  virtual std::span<const NoiseSite> noise_sites() const noexcept = 0;
  /// At an evaluation that draws were asked for, fitted; else null.
  virtual const Posterior* posterior() const noexcept = 0;

  /// Calls f(micro_batch, k) for k = 0 .. count-1, side by side and in any order: f must write only
  /// to its own place k. Throws Error when the part has fewer than size * count examples, for the
  /// test part, for spans of Sample::at that are not [dimension], and for `ones` on a problem that
  /// does not take it.
  virtual void for_each_micro_batch(const Sample& sample,
                                    const std::function<void(MicroBatch&, std::size_t)>& f) = 0;

  /// out = sum_k (n_k / N) out_k, N all examples of the sample, where f(micro_batch, k, out_k) writes
  /// out_k: the mean gradient, a Hessian-vector product of the mean loss, Kronecker factors ... `out`
  /// has any length. Side by side, added in a fixed order; memory: min(count, 16) x out. Where it is
  /// only tried, before training, whether the questions can be answered, a mean over a whole part is
  /// one over a few micro-batches. Throws as for_each_micro_batch does.
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
