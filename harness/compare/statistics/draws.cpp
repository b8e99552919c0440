#include "compare/statistics/draws.h"

#include <algorithm>
#include <cmath>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

/// The analysis of variance by draw.
struct Layout {
  std::vector<double> means;
  double values = 0;         ///< N
  double squared_sizes = 0;  ///< sum of k_d^2
  double total = 0;          ///< sum of all values
  double within = 0;         ///< sum of squares around the draws' means

  double mean_square_within() const {
    return within / (values - static_cast<double>(means.size()));
  }
};

Layout layout(std::span<const std::vector<double>> draws) {
  Layout l;
  for (const std::vector<double>& draw : draws) {
    require_finite("over draws", draw);
    if (draw.empty()) throw Error("over draws", "a draw has no values");
    const Statistic s = summary(draw);
    const auto k = static_cast<double>(s.n);
    l.means.push_back(s.mean);
    l.values += k;
    l.squared_sizes += k * k;
    l.total += k * s.mean;
    l.within += (k - 1) * s.deviation * s.deviation;
  }
  return l;
}

double tau_of(const Layout& l, std::span<const std::vector<double>> draws) {
  const double grand = l.total / l.values;
  double between = 0;
  for (std::size_t d = 0; d < draws.size(); ++d) {
    const double apart = l.means[d] - grand;
    between += static_cast<double>(draws[d].size()) * apart * apart;
  }
  const double degrees = static_cast<double>(draws.size()) - 1;
  const double k = (l.values - l.squared_sizes / l.values) / degrees;
  return std::sqrt(std::max(0.0, (between / degrees - l.mean_square_within()) / k));
}

}  // namespace

OverDraws over_draws(std::span<const std::vector<double>> draws, double confidence) {
  require_level("over draws", confidence);
  if (draws.empty()) throw Error("over draws", "no draws");
  const Layout l = layout(draws);
  OverDraws result;
  result.draws = draws.size();
  result.values = static_cast<std::size_t>(l.values);
  result.mean = summary(l.means).mean;
  result.interval = t_interval(l.means, confidence);
  if (result.draws < 2 || result.values == result.draws) return result;
  result.tau = tau_of(l, draws);
  result.sigma = std::sqrt(l.mean_square_within());
  return result;
}

}  // namespace gapbench::compare
