#include "compare/statistics/over_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare/statistics/sample.h"
#include "compare/statistics/statistic.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

constexpr const char* where = "performance profile";

void check(std::span<const Costs> methods, std::span<const double> taus) {
  for (const Costs& costs : methods) {
    if (costs.empty() || costs.size() != methods.front().size()) {
      throw Error(where, "every method needs one cost or failure for each of the same problems");
    }
    for (const auto& cost : costs) {
      if (!cost || (*cost > 0 && std::isfinite(*cost))) continue;
      throw Error(where, fmt::format("cost {} is not a positive finite number", *cost));
    }
  }
  for (const double tau : taus) {
    if (!(tau >= 1)) throw Error(where, fmt::format("tau {} is not 1 or more", tau));
  }
}

/// Infinity where all failed.
std::vector<double> best_costs(std::span<const Costs> methods) {
  std::vector<double> best(methods.front().size(), std::numeric_limits<double>::infinity());
  for (const Costs& costs : methods) {
    for (std::size_t i = 0; i < costs.size(); ++i) {
      if (costs[i]) best[i] = std::min(best[i], *costs[i]);
    }
  }
  return best;
}

double share_within(const Costs& costs, const std::vector<double>& best, double tau) {
  std::size_t within = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (costs[i] && *costs[i] <= tau * best[i]) ++within;
  }
  return static_cast<double>(within) / static_cast<double>(costs.size());
}

}  // namespace

std::optional<double> inter_quartile_mean(std::span<const double> values) {
  require_finite("inter-quartile mean", values);
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t cut = sorted.size() / 4;
  return statistic(std::span(sorted).subspan(cut, sorted.size() - 2 * cut))->mean;
}

std::vector<std::vector<double>> performance_profiles(std::span<const Costs> methods,
                                                      std::span<const double> taus) {
  if (methods.empty()) return {};
  check(methods, taus);
  const std::vector<double> best = best_costs(methods);
  std::vector<std::vector<double>> curves;
  for (const Costs& costs : methods) {
    auto& curve = curves.emplace_back();
    for (const double tau : taus) curve.push_back(share_within(costs, best, tau));
  }
  return curves;
}

}  // namespace gapbench::compare
