#include "compare/statistics/bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"
#include "gapbench/random.h"

namespace gapbench::compare {
namespace {

using Values = std::vector<double>;

void check(const BootstrapOptions& options) {
  require_level("bootstrap", options.confidence);
  const double least = 1 / (1 - options.confidence);
  if (static_cast<double>(options.resamples) >= least) return;
  throw Error("bootstrap", fmt::format("{} resamples, but a confidence of {} needs {:.0f} or more",
                                       options.resamples, options.confidence, std::ceil(least)));
}

bool any_nan(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](double x) { return std::isnan(x); });
}

/// Sorted, unless one is NaN.
Values resampled(std::size_t n, const OfUnits& of_units, const BootstrapOptions& options) {
  Random random = Random(options.seed).at("bootstrap");
  std::vector<std::size_t> places(n);
  Values values(options.resamples);
  for (double& value : values) {
    for (std::size_t& place : places) place = random.below(n);
    value = of_units(places);
  }
  if (!any_nan(values)) std::sort(values.begin(), values.end());
  return values;
}

Values jackknifed(std::size_t n, const OfUnits& of_units) {
  Values values(n);
  for (std::size_t out = 0; out < n; ++out) {
    std::vector<std::size_t> places(n);
    std::iota(places.begin(), places.end(), std::size_t{0});
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(out));
    values[out] = of_units(places);
  }
  return values;
}

double acceleration(const Values& jackknife) {
  const double mean = std::accumulate(jackknife.begin(), jackknife.end(), 0.0) /
                      static_cast<double>(jackknife.size());
  double squares = 0;
  double cubes = 0;
  for (const double t : jackknife) {
    squares += (mean - t) * (mean - t);
    cubes += (mean - t) * (mean - t) * (mean - t);
  }
  const double a = cubes / (6 * std::pow(squares, 1.5));
  return std::isfinite(a) ? a : 0;
}

double bias_correction(const Values& sorted, double t) {
  const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), t);
  const auto below = static_cast<double>(first - sorted.begin());
  const auto ties = static_cast<double>(last - first);
  const auto count = static_cast<double>(sorted.size());
  const double least = 0.5 / count;
  const double share = std::clamp((below + ties / 2) / count, least, 1 - least);
  return boost::math::quantile(boost::math::normal(), share);
}

double quantile(const Values& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double rest = place - std::floor(place);
  if (rest == 0 || std::isinf(sorted[below])) return sorted[below];
  return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

/// Past the pole of the formula, which |a| <= 1/6 leaves to extreme levels, the end is the last
/// resample on that side.
double end_of(const Values& sorted, double z0, double a, double z) {
  const double stretch = 1 - a * (z0 + z);
  if (stretch <= 0) return z0 + z > 0 ? sorted.back() : sorted.front();
  const double corrected = z0 + (z0 + z) / stretch;
  return quantile(sorted, boost::math::cdf(boost::math::normal(), corrected));
}

}  // namespace

std::optional<Interval> bca_interval(std::size_t n, const OfUnits& of_units,
                                     const BootstrapOptions& options) {
  check(options);
  if (n < 2) return std::nullopt;
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  const double t = of_units(all);
  if (!std::isfinite(t)) throw Error("bootstrap", fmt::format("the statistic is {}", t));
  const Values sorted = resampled(n, of_units, options);
  const Values jackknife = jackknifed(n, of_units);
  if (any_nan(sorted) || any_nan(jackknife)) return std::nullopt;
  if (sorted.front() == sorted.back()) return Interval{sorted.front(), sorted.front()};
  const double z0 = bias_correction(sorted, t);
  const double a = acceleration(jackknife);
  const double z = boost::math::quantile(boost::math::normal(), (1 + options.confidence) / 2);
  return Interval{end_of(sorted, z0, a, -z), end_of(sorted, z0, a, z)};
}

std::optional<Interval> bca_interval(std::span<const double> values,
                                     const BootstrapOptions& options) {
  require_finite("bootstrap", values);
  if (values.size() > 1 && all_equal(values)) {
    check(options);
    return Interval{values.front(), values.front()};  // no rounding of a mean of equal numbers
  }
  const auto mean = [values](std::span<const std::size_t> places) {
    double sum = 0;
    for (const std::size_t place : places) sum += values[place];
    return sum / static_cast<double>(places.size());
  };
  return bca_interval(values.size(), mean, options);
}

}  // namespace gapbench::compare
