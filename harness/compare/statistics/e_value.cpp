#include "compare/statistics/e_value.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {

double e_value(std::span<const double> differences, double g) {
  require_finite("e value", differences);
  if (!(g > 0) || std::isinf(g)) {
    throw Error("e value", fmt::format("g {} is not a positive finite number", g));
  }
  if (differences.size() < 2) return 1;
  const Statistic s = summary(differences);
  const auto n = static_cast<double>(s.n);
  const double known = 1 + n * g;
  // 1 + t^2 / nu = (rest + mean^2) / rest with rest = nu s^2 / n.
  const double rest = (n - 1) * s.deviation * s.deviation / n;
  const double square = s.mean * s.mean;
  if (square == 0) return 1 / std::sqrt(known);
  const double ratio = (rest + square) / (rest + square / known);
  return std::exp(n / 2 * std::log(ratio) - std::log(known) / 2);
}

}  // namespace gapbench::compare
