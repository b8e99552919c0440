#include "compare/statistics/welch.h"

#include <cmath>

#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

double variance_of_mean(const Statistic& s) {
  return s.deviation * s.deviation / static_cast<double>(s.n);
}

}  // namespace

double satterthwaite_degrees(double v_a, std::size_t n_a, double v_b, std::size_t n_b) {
  const double share = v_a / (v_a + v_b);
  return 1 / (share * share / static_cast<double>(n_a - 1) +
              (1 - share) * (1 - share) / static_cast<double>(n_b - 1));
}

std::optional<Interval> welch_interval(std::span<const double> a, std::span<const double> b,
                                       double confidence) {
  require_finite("Welch interval", a);
  require_finite("Welch interval", b);
  require_level("Welch interval", confidence);
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  const Statistic of_a = summary(a);
  const Statistic of_b = summary(b);
  const double centre = of_a.mean - of_b.mean;
  const double v_a = variance_of_mean(of_a);
  const double v_b = variance_of_mean(of_b);
  if (v_a + v_b == 0) return Interval{centre, centre};
  const double degrees = satterthwaite_degrees(v_a, of_a.n, v_b, of_b.n);
  const double half = student_quantile(degrees, confidence) * std::sqrt(v_a + v_b);
  return Interval{centre - half, centre + half};
}

}  // namespace gapbench::compare
