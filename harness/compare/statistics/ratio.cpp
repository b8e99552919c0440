#include "compare/statistics/ratio.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

/// Of a, whose mean is 0 on paper, with b.
double covariance(std::span<const double> a, std::span<const double> b, double mean_b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * (b[i] - mean_b);
  return sum / static_cast<double>(a.size() - 1);
}

std::vector<double> residuals(std::span<const double> x, std::span<const double> y, double ratio) {
  std::vector<double> values(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) values[i] = difference(x[i], ratio * y[i]);
  return values;
}

}  // namespace

std::optional<Interval> ratio_interval(std::span<const double> x, std::span<const double> y,
                                       double confidence) {
  if (x.size() != y.size()) {
    throw Error("ratio interval", fmt::format("{} values against {}", x.size(), y.size()));
  }
  require_finite("ratio interval", x);
  require_finite("ratio interval", y);
  require_level("ratio interval", confidence);
  if (y.size() < 2) return std::nullopt;
  const Statistic below = summary(y);
  const double ratio = summary(x).mean / below.mean;
  const double q = t_quantile(below.n, confidence);
  const double k = q * q / static_cast<double>(below.n);
  const double a = below.mean * below.mean - k * below.deviation * below.deviation;
  if (!(a > 0)) return std::nullopt;
  const std::vector<double> e = residuals(x, y, ratio);
  const double b = k * covariance(e, y, below.mean);
  const double c = k * covariance(e, e, 0);
  const double half = std::sqrt(b * b + a * c);
  return Interval{ratio - (b + half) / a, ratio - (b - half) / a};
}

}  // namespace gapbench::compare
