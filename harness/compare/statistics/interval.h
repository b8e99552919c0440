// Intervals for a mean under normal errors.
#pragma once

#include <optional>
#include <span>

namespace gapbench::compare {

struct Interval {
  double low = 0;
  double high = 0;

  bool covers(double value) const { return low <= value && value <= high; }
  double width() const { return high - low; }
};

/// mean ± q s / sqrt(n), where s is the sample deviation and q the (1 + confidence) / 2 quantile
/// of Student's t with n - 1 degrees of freedom ("Student" 1908, "The probable error of a mean").
/// Exact for independent normal values; for paired samples give it their differences().
/// Nothing for n < 2: one value says nothing of its error. Equal values give an interval of width
/// 0, which is what the formula says and not what is known: check all_equal() before a conclusion.
/// Throws Error for a value that is not finite and for a confidence outside (0, 1).
std::optional<Interval> t_interval(std::span<const double> values, double confidence = 0.95);

}  // namespace gapbench::compare
