// Learning-rate schedules: the factor of each step.
#pragma once

#include <cstdint>

#include "train/calendar.h"
#include "train/settings.h"

namespace gapbench::train {

/// The factor f(k) in [0, 1] for every step k of a budget; formulas at ScheduleSettings.
class Schedule {
 public:
  /// Throws Error when the warm-up is longer than the budget, or than what a cool-down leaves of it.
  Schedule(const ScheduleSettings& settings, std::uint64_t steps, const Calendar& calendar);
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
