// Steps and epochs of a trial.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "train/settings.h"

namespace gapbench::train {

/// Epoch e = 0, 1, ... has ceil(n / B_e) steps over n training examples: batches of B_e and, last, what is left.
/// B_e is the method's batch, multiplied by the growth's factor at each of its epochs that is at most e.
class Calendar {
 public:
  /// Throws Error where a batch is larger than `examples`, or a micro-batch than the first batch.
  Calendar(const TrialSettings& settings, std::size_t examples);

  std::uint64_t epoch_of(std::uint64_t step) const noexcept;
  std::size_t batch_of(std::uint64_t step) const noexcept { return phase_of(step).batch; }
  /// Steps before `step` in its own epoch.
  std::uint64_t into_epoch(std::uint64_t step) const noexcept;
  bool ends_epoch(std::uint64_t done) const noexcept { return into_epoch(done) == 0; }
  /// Training examples seen before `step`, over their number.
  double epochs_before(std::uint64_t step) const noexcept;

  /// `length` in steps; a fraction of an epoch is rounded to the nearest step.
  std::uint64_t steps(const Length& length) const;
  /// Whether `length` has gone by another time with step `done` - 1, the last one done; true of 0. Where batches
  /// grow, an epoch is counted by its examples.
  bool is_multiple(std::uint64_t done, const Length& length) const;
  /// How often that is so after steps 1 to `done`.
  std::uint64_t multiples(std::uint64_t done, const Length& length) const;
  /// Training examples seen before `step`.
  std::uint64_t examples_before(std::uint64_t step) const noexcept {
    return epoch_of(step) * examples_ + into_epoch(step) * batch_of(step);
  }
  /// The batches that occur.
  std::vector<std::size_t> batches() const;

 private:
  struct Phase {
    std::uint64_t first_epoch, first_step;
    std::size_t batch;
    std::uint64_t steps_per_epoch;
  };
  const Phase& phase_of(std::uint64_t step) const noexcept;
  bool grows() const noexcept { return phases_.size() > 1; }

  std::size_t examples_;
  std::vector<Phase> phases_;
};

}  // namespace gapbench::train
