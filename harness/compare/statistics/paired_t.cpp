#include "compare/statistics/paired_t.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

/// (mean - centre) in standard errors; ± infinity without spread, 0 for no distance.
double t_of(const Statistic& s, double centre) {
  const double distance = s.mean - centre;
  if (distance == 0) return 0;
  const double error = s.deviation / std::sqrt(static_cast<double>(s.n));
  return error > 0 ? distance / error
                   : std::copysign(std::numeric_limits<double>::infinity(), distance);
}

/// P(T > t) with n - 1 degrees of freedom.
double upper_tail(double t, std::size_t n) {
  if (std::isinf(t)) return t > 0 ? 0 : 1;
  const boost::math::students_t distribution(static_cast<double>(n) - 1);
  return boost::math::cdf(boost::math::complement(distribution, t));
}

}  // namespace

std::optional<Test> paired_t_test(std::span<const double> differences) {
  require_finite("paired t test", differences);
  if (differences.size() < 2) return std::nullopt;
  const Statistic s = summary(differences);
  const double t = t_of(s, 0);
  return Test{t, std::min(1.0, 2 * upper_tail(std::abs(t), s.n))};
}

std::optional<double> equivalence_p(std::span<const double> differences, double margin) {
  require_finite("equivalence test", differences);
  if (!(margin > 0) || std::isinf(margin)) {
    throw Error("equivalence test",
                fmt::format("margin {} is not a positive finite number", margin));
  }
  if (differences.size() < 2) return std::nullopt;
  const Statistic s = summary(differences);
  const double not_above = upper_tail(-t_of(s, margin), s.n);
  const double not_below = upper_tail(t_of(s, -margin), s.n);
  return std::max(not_above, not_below);
}

}  // namespace gapbench::compare
