// Intervals for a mean under normal errors.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace gapbench::compare {

struct Interval {
  double low = 0;
  double high = 0;

  bool covers(double value) const { return low <= value && value <= high; }
  double width() const { return high - low; }
};

/// The smallest interval that holds both.
Interval hull(const Interval& a, const Interval& b);

/// The (1 + confidence) / 2 quantile of Student's t, for degrees above 0, whole or not, and a
/// confidence in (0, 1).
double student_quantile(double degrees, double confidence);

/// student_quantile() with n - 1 degrees of freedom, for n >= 2.
double t_quantile(std::size_t n, double confidence);

/// mean ± q s / sqrt(n), where s is the sample deviation and q the t_quantile()
/// ("Student" 1908, "The probable error of a mean").
/// Exact for independent normal values; for paired samples give it their differences().
/// Nothing for n < 2: one value says nothing of its error. Equal values give an interval of width
/// 0, which is what the formula says and not what is known: check all_equal() before a conclusion.
/// Throws Error for a value that is not finite and for a confidence outside (0, 1).
std::optional<Interval> t_interval(std::span<const double> values, double confidence = 0.95);

}  // namespace gapbench::compare
