// Learning-rate schedules: the factor of each step.
#pragma once

#include <cstdint>

#include "train/settings.h"

namespace gapbench::train {

/// `length` in steps; a fraction of an epoch is rounded to the nearest step.
std::uint64_t to_steps(const Length& length, std::uint64_t steps_per_epoch);

/// The factor f(k) in [0, 1] for every step k of a budget; formulas at ScheduleSettings.
class Schedule {
 public:
  /// Throws Error when the warm-up is longer than the budget, or than what a cool-down leaves of it.
  Schedule(const ScheduleSettings& settings, std::uint64_t steps, std::uint64_t steps_per_epoch);
  double factor(std::uint64_t step) const;

 private:
  double decay(std::uint64_t step) const;
  double progress(std::uint64_t step) const;
  double falling_to_final(double share) const;

  ScheduleSettings settings_;
  std::uint64_t steps_;
  std::uint64_t warmup_;
  std::uint64_t cooldown_;  // steps of a trapezoid
};

}  // namespace gapbench::train
