#include "compare/statistics/interval.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "compare/statistics/sample.h"

namespace gapbench::compare {

std::optional<Interval> t_interval(std::span<const double> values, double confidence) {
  require_finite("t interval", values);
  require_level("t interval", confidence);
  if (values.size() < 2) return std::nullopt;
  const Statistic s = summary(values);
  const auto n = static_cast<double>(s.n);
  const boost::math::students_t distribution(n - 1);
  const double q = boost::math::quantile(distribution, (1 + confidence) / 2);
  const double half = q * s.deviation / std::sqrt(n);
  return Interval{s.mean - half, s.mean + half};
}

}  // namespace gapbench::compare
