#include "gapbench/schedule_free.h"

#include <algorithm>

#include "gapbench/numeric.h"
#include "gapbench/stand_in_step.h"

namespace gapbench {

ScheduleFree::ScheduleFree(const Options& o, std::size_t dimension)
    : method_(o.owner()),
      beta_(static_cast<float>(o.real("beta"))),
      decay_(static_cast<float>(o.real("decay"))),
      z_(dimension),
      x_(dimension) {}

void ScheduleFree::begin(std::span<const float> y, std::span<float> scratch) {
  if (steps_++ == 0) {
    std::ranges::copy(y, z_.begin());
    std::ranges::copy(y, x_.begin());
    return;
  }
  interpolate(scratch);
  require_unmoved(method_, scratch, y);
}

void ScheduleFree::interpolate(std::span<float> y) const {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = z_[i] + beta_ * (x_[i] - z_[i]);
}

void ScheduleFree::move(double rate, std::span<const float> direction, std::span<float> y) {
  squares_ += rate * rate;
  const auto length = static_cast<float>(rate);
  const auto share = static_cast<float>(squares_ > 0 ? rate * rate / squares_ : 0);
  for (std::size_t i = 0; i < y.size(); ++i) {
    z_[i] -= length * (direction[i] + decay_ * y[i]);
    x_[i] = normal_or_zero(x_[i] + share * (z_[i] - x_[i]));
  }
  interpolate(y);
}

void ScheduleFree::archive(State& state) {
  state.field("z", z_);
  state.field("x", x_);
  state.field("squares", squares_);
  state.field("steps", steps_);
}

std::span<const float> ScheduleFree::average() const noexcept {
  if (steps_ == 0) return {};
  return x_;
}

}  // namespace gapbench
