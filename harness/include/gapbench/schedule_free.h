// Schedule-Free learning: an average of iterates in place of a decaying learning rate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gapbench/export.h"
#include "gapbench/options.h"
#include "gapbench/state.h"

namespace gapbench {

/// The three sequences that schedule_free_sgd and schedule_free_adamw share, whose direction d is g or
/// its quotient with Adam's denominator:
///
///   y_t     = z_t + beta (x_t - z_t)                 where the gradient is asked; the parameters
///   z_(t+1) = z_t - rate_t (d_t + decay y_t)
///   x_(t+1) = x_t + c_t (z_(t+1) - x_t),   c_t = rate_t^2 / sum of rate_s^2 over s <= t
///
/// with z, x and y starting at the same point. x is the point that the method stands for.
/// Source: Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky 2024, "The road less scheduled",
/// equations 3 to 5, algorithm 1 for the weights c_t under warm-up, and weight decay at y.
class GAPBENCH_API ScheduleFree {
 public:
  static constexpr std::array options{
      option::real("beta", "share of the average in the point where gradients are asked")
          .at_least(0)
          .at_most(1)
          .by_default(0.9),
      option::real("decay", "weight decay, times the rate").at_least(0).by_default(0),
  };
  ScheduleFree(const Options& o, std::size_t dimension);

  /// At the start of every step. Throws Error (see require_unmoved) where others have moved y: that
  /// would be lost. `scratch` [dimension] is overwritten.
  void begin(std::span<const float> y, std::span<float> scratch);
  /// Moves z, x and y; `rate` is that of the step.
  void move(double rate, std::span<const float> direction, std::span<float> y);

  void archive(State& state);
  /// For Optimizer::evaluated.
  std::span<const float> average() const noexcept;

 private:
  void interpolate(std::span<float> y) const;

  std::string method_;
  float beta_;
  float decay_;
  double squares_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<float> z_;
  std::vector<float> x_;
};

}  // namespace gapbench
