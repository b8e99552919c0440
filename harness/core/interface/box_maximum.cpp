#include "gapbench/box_maximum.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "gapbench/numeric.h"

namespace gapbench {
namespace {

using Floats = std::vector<float>;

// The inverse Hessian from the last steps, by the two-loop recursion (Nocedal 1980).
class Curvature {
 public:
  bool is_empty() const { return pairs_.empty(); }
  void see(Floats step, Floats change) {
    const double along = dot(step, change);
    if (!(along > 1e-10 * dot(change, change))) return;  // not convex here
    if (pairs_.size() == kept) pairs_.erase(pairs_.begin());
    pairs_.push_back({std::move(step), std::move(change), along});
  }
  void multiply(Floats& v) const {
    std::vector<double> alpha(pairs_.size());
    for (std::size_t k = pairs_.size(); k-- > 0;) {
      alpha[k] = dot(pairs_[k].step, v) / pairs_[k].along;
      add_scaled(-alpha[k], pairs_[k].change, v);
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = last.along / dot(last.change, last.change);
      for (float& x : v) x = static_cast<float>(scale * x);
    }
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      const double beta = dot(pairs_[k].change, v) / pairs_[k].along;
      add_scaled(alpha[k] - beta, pairs_[k].step, v);
    }
  }

 private:
  struct Pair {
    Floats step, change;
    double along;
  };
  static constexpr std::size_t kept = 6;
  std::vector<Pair> pairs_;
};

// Maximizes f over |y_i| <= bound_i from y = 0.
class Climb {
 public:
  Climb(const SmoothFunction& f, std::span<const float> bound)
      : f_(f), bound_(bound), y_(bound.size()), slope_(bound.size()), value_(f(y_, slope_)) {}
  double value() const { return value_; }

  void rise(std::size_t iterations) {
    if (iterations > 0 && try_move(corner())) --iterations;
    while (iterations > 0 && advance()) --iterations;
  }

 private:
  Floats corner() const {
    Floats target(y_.size());
    for (std::size_t i = 0; i < y_.size(); ++i) {
      target[i] = std::copysign(bound_[i], slope_[i]);
    }
    return target;
  }

  // At its bound, and the slope points out.
  bool is_held(std::size_t i) const {
    return std::abs(y_[i]) >= bound_[i] && slope_[i] * y_[i] > 0;
  }

  // One iteration: a step along the quasi-Newton direction, halved until the loss rises enough.
  bool advance() {
    Floats direction = free_part(slope_);
    const Floats free_slope = direction;
    curvature_.multiply(direction);
    direction = free_part(direction);
    if (!(dot(direction, free_slope) > 0)) direction = free_slope;
    double t = first_length(direction);
    for (int halvings = 0; halvings < 14; ++halvings, t /= 2) {
      Floats target(y_.size());
      for (std::size_t i = 0; i < y_.size(); ++i) {
        const auto moved = static_cast<float>(y_[i] + t * direction[i]);
        target[i] = std::clamp(moved, -bound_[i], bound_[i]);
      }
      if (try_move(target)) return true;
    }
    return false;
  }

  // The whole step, but no farther than across the box; just so far where its length means nothing.
  double first_length(const Floats& direction) const {
    double room = 0;
    double length = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) {
      room = std::max(room, 2.0 * bound_[i]);
      length = std::max(length, std::abs(static_cast<double>(direction[i])));
    }
    return curvature_.is_empty() || length > room ? room / length : 1;
  }

  Floats free_part(const Floats& v) const {
    Floats out(v.size());
    for (std::size_t i = 0; i < v.size(); ++i) out[i] = is_held(i) ? 0 : v[i];
    return out;
  }

  // Armijo's rule along the projected path. Minus f is what is minimized.
  bool try_move(const Floats& target) {
    Floats step = target;
    add_scaled(-1, y_, step);
    const double promised = dot(step, slope_);
    Floats slope(target.size());
    const double value = f_(target, slope);
    if (!(value > value_) || !(value >= value_ + 1e-4 * promised)) return false;
    Floats change = slope_;
    add_scaled(-1, slope, change);
    curvature_.see(std::move(step), std::move(change));
    y_ = target;
    slope_ = std::move(slope);
    value_ = value;
    return true;
  }

  const SmoothFunction& f_;
  std::span<const float> bound_;
  Floats y_;
  Floats slope_;  // of f at y
  double value_;
  Curvature curvature_;
};

}  // namespace

BoxMaximum maximum_in_box(const SmoothFunction& f, std::span<const float> bound,
                          std::size_t iterations) {
  Climb climb(f, bound);
  const double start = climb.value();
  climb.rise(iterations);
  return {start, climb.value()};
}

}  // namespace gapbench
