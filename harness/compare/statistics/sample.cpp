#include "compare/statistics/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "gapbench/error.h"

namespace gapbench::compare {

void require_finite(const std::string& where, std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw Error(where, fmt::format("value {} is {}, but every value must be finite", i, values[i]));
  }
}

void require_level(const std::string& where, double level) {
  if (level > 0 && level < 1) return;
  throw Error(where, fmt::format("level {} is not between 0 and 1", level));
}

double difference(double method, double baseline) {
  const double scale = std::max(std::abs(method), std::abs(baseline));
  return std::abs(method - baseline) <= 1e-12 * scale ? 0 : method - baseline;
}

std::vector<double> differences(std::span<const double> method, std::span<const double> baseline) {
  if (method.size() != baseline.size()) {
    throw Error("pairs", fmt::format("{} values against {}, but pairs need as many of each",
                                     method.size(), baseline.size()));
  }
  require_finite("pairs: method", method);
  require_finite("pairs: baseline", baseline);
  std::vector<double> result(method.size());
  std::transform(method.begin(), method.end(), baseline.begin(), result.begin(), difference);
  return result;
}

bool all_equal(std::span<const double> values) {
  return values.empty() ||
         std::all_of(values.begin(), values.end(), [&](double x) { return x == values.front(); });
}

bool has_spread(std::span<const double> values) {
  if (values.empty()) return false;
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));
  return summary(values).deviation > 1e-9 * largest;
}

Statistic summary(std::span<const double> values) {
  if (all_equal(values)) return {values.front(), 0, values.size()};
  Statistic s = *statistic(values);
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::abs(x));
  // What is left of values that cancel on paper is rounding and no effect.
  if (std::abs(s.mean) <= 1e-12 * largest) s.mean = 0;
  return s;
}

}  // namespace gapbench::compare
