#include "train/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "gapbench/error.h"

namespace gapbench::train {

Schedule::Schedule(const ScheduleSettings& settings, std::uint64_t steps, const Calendar& calendar)
    : settings_(settings),
      steps_(steps),
      warmup_(calendar.steps(settings.warmup)),
      cooldown_(static_cast<std::uint64_t>(
          std::llround(settings.cooldown * static_cast<double>(steps)))) {
  if (warmup_ > steps_) {
    throw Error("schedule.warmup", fmt::format("{} steps of warm-up in a budget of {} steps; must "
                                               "not be longer than the budget",
                                               warmup_, steps_));
  }
  if (settings_.kind == ScheduleSettings::Kind::trapezoid && warmup_ + cooldown_ > steps_) {
    throw Error("schedule.cooldown",
                fmt::format("{} steps of cool-down after {} of warm-up in a budget of {}; must not "
                            "be longer together than the budget",
                            cooldown_, warmup_, steps_));
  }
}

double Schedule::factor(std::uint64_t step) const {
  const double rise =
      step < warmup_ ? static_cast<double>(step + 1) / static_cast<double>(warmup_) : 1.0;
  return rise * decay(step);
}

double Schedule::decay(std::uint64_t step) const {
  switch (settings_.kind) {
    case ScheduleSettings::Kind::constant:
      return 1;
    case ScheduleSettings::Kind::step: {
      const double progress = static_cast<double>(step) / static_cast<double>(steps_);
      const auto reached = std::count_if(settings_.milestones.begin(), settings_.milestones.end(),
                                         [&](double m) { return progress >= m; });
      return std::pow(settings_.factor, static_cast<double>(reached));
    }
    case ScheduleSettings::Kind::cosine: {
      if (step < warmup_ || steps_ == warmup_) return 1;
      return falling_to_final((1 + std::cos(std::numbers::pi * progress(step))) / 2);
    }
    case ScheduleSettings::Kind::polynomial: {
      if (step < warmup_ || steps_ == warmup_) return 1;
      return falling_to_final(std::pow(1 - progress(step), settings_.power));
    }
    case ScheduleSettings::Kind::trapezoid: {
      const std::uint64_t left = steps_ - step;
      if (left >= cooldown_) return 1;
      return falling_to_final(static_cast<double>(left) / static_cast<double>(cooldown_));
    }
  }
  return 1;
}

double Schedule::progress(std::uint64_t step) const {
  return static_cast<double>(step - warmup_) / static_cast<double>(steps_ - warmup_);
}

double Schedule::falling_to_final(double share) const {
  return settings_.final + (1 - settings_.final) * share;
}

}  // namespace gapbench::train
