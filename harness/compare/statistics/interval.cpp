#include "compare/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "compare/statistics/sample.h"

namespace gapbench::compare {

Interval hull(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

double student_quantile(double degrees, double confidence) {
  return boost::math::quantile(boost::math::students_t(degrees), (1 + confidence) / 2);
}

double t_quantile(std::size_t n, double confidence) {
  return student_quantile(static_cast<double>(n) - 1, confidence);
}

std::optional<Interval> t_interval(std::span<const double> values, double confidence) {
  require_finite("t interval", values);
  require_level("t interval", confidence);
  if (values.size() < 2) return std::nullopt;
  const Statistic s = summary(values);
  const double half =
      t_quantile(s.n, confidence) * s.deviation / std::sqrt(static_cast<double>(s.n));
  return Interval{s.mean - half, s.mean + half};
}

}  // namespace gapbench::compare
