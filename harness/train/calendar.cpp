#include "train/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gapbench/error.h"

namespace gapbench::train {
namespace {

std::uint64_t rounded(double steps) { return static_cast<std::uint64_t>(std::llround(steps)); }

void require_fitting(const TrialSettings& settings, std::size_t examples, std::size_t batch,
                     std::uint64_t epoch) {
  if (batch <= examples) return;
  if (epoch == 0) {
    throw Error("batch", fmt::format("{} asked; must be 1 to {}, the number of training examples",
                                     batch, examples));
  }
  throw Error(
      "batch_growth",
      fmt::format("from epoch {} batches are {} times {} = {} examples; must be at most {}, the "
                  "number of training examples; lower the factor, or leave that epoch out",
                  epoch, batch / settings.batch, settings.batch, batch, examples));
}

}  // namespace

Calendar::Calendar(const TrialSettings& settings, std::size_t examples) : examples_(examples) {
  const auto add = [&](std::uint64_t epoch, std::size_t batch) {
    require_fitting(settings, examples, batch, epoch);
    std::uint64_t first_step = 0;
    if (!phases_.empty()) {
      const Phase& before = phases_.back();
      first_step = before.first_step + (epoch - before.first_epoch) * before.steps_per_epoch;
    }
    phases_.push_back({epoch, first_step, batch, (examples + batch - 1) / batch});
  };
  std::size_t batch = train::batch_of(settings, examples);
  add(0, batch);
  if (settings.micro_batch > batch) {
    throw Error("micro_batch", fmt::format("{} asked; must not be larger than the batch, {}",
                                           settings.micro_batch, batch));
  }
  if (!settings.batch_growth) return;
  for (const std::uint64_t epoch : settings.batch_growth->epochs) {
    batch *= settings.batch_growth->factor;
    add(epoch, batch);
  }
}

const Calendar::Phase& Calendar::phase_of(std::uint64_t step) const noexcept {
  const auto behind =
      std::ranges::upper_bound(phases_, step, {}, [](const Phase& p) { return p.first_step; });
  return *std::prev(behind);
}

std::uint64_t Calendar::epoch_of(std::uint64_t step) const noexcept {
  const Phase& phase = phase_of(step);
  return phase.first_epoch + (step - phase.first_step) / phase.steps_per_epoch;
}

std::uint64_t Calendar::into_epoch(std::uint64_t step) const noexcept {
  const Phase& phase = phase_of(step);
  return (step - phase.first_step) % phase.steps_per_epoch;
}

double Calendar::epochs_before(std::uint64_t step) const noexcept {
  return static_cast<double>(epoch_of(step)) +
         static_cast<double>(into_epoch(step) * batch_of(step)) / static_cast<double>(examples_);
}

std::uint64_t Calendar::steps(const Length& length) const {
  if (length.unit == Length::Unit::steps) return rounded(length.count);
  const auto behind = std::ranges::upper_bound(
      phases_, length.count, {}, [](const Phase& p) { return static_cast<double>(p.first_epoch); });
  const Phase& phase = *std::prev(behind);
  const double epochs = length.count - static_cast<double>(phase.first_epoch);
  return phase.first_step + rounded(epochs * static_cast<double>(phase.steps_per_epoch));
}

bool Calendar::is_multiple(std::uint64_t done, const Length& length) const {
  if (length.unit == Length::Unit::epochs && grows()) {
    return done == 0 || multiples(done, length) > multiples(done - 1, length);
  }
  const std::uint64_t every = steps(length);
  return every > 0 && done % every == 0;
}

std::uint64_t Calendar::multiples(std::uint64_t done, const Length& length) const {
  if (length.unit == Length::Unit::epochs && grows()) {
    constexpr double rounding = 1e-9;  // of sums such as 0.1 + 0.2
    return static_cast<std::uint64_t>(epochs_before(done) / length.count + rounding);
  }
  const std::uint64_t every = steps(length);
  return every > 0 ? done / every : 0;
}

std::vector<std::size_t> Calendar::batches() const {
  std::vector<std::size_t> all;
  for (const Phase& phase : phases_) all.push_back(phase.batch);
  return all;
}

}  // namespace gapbench::train
