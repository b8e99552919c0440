#include "train/mixing.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstddef>

namespace gapbench::train {
namespace {

constexpr std::size_t fewest = 4;

/// Of equal numbers exactly theirs.
double mean(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value - x.front();
  return x.front() + sum / static_cast<double>(x.size());
}

/// Autocovariance of one chain, divisor N.
double autocovariance(const std::vector<double>& x, double mean, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < x.size(); ++i) sum += (x[i - lag] - mean) * (x[i] - mean);
  return sum / static_cast<double>(x.size());
}

struct Variances {
  std::vector<double> means;
  double within = 0;  // W
  double whole = 0;   // V
};

Variances variances(const Chains& chains) {
  const auto n = static_cast<double>(chains.front().size());
  const auto m = static_cast<double>(chains.size());
  Variances v;
  for (const auto& chain : chains) {
    v.means.push_back(mean(chain));
    v.within += autocovariance(chain, v.means.back(), 0) * n / (n - 1) / m;
  }
  v.whole = (n - 1) / n * v.within;
  if (chains.size() == 1) return v;
  const double center = mean(v.means);
  for (const double x : v.means) v.whole += (x - center) * (x - center) / (m - 1);
  return v;
}

bool is_usable(const Chains& chains) {
  if (chains.empty() || chains.front().size() < fewest) return false;
  const double first = chains.front().front();
  bool varies = false;
  for (const auto& chain : chains) {
    if (chain.size() != chains.front().size()) return false;
    for (const double x : chain) {
      if (!std::isfinite(x)) return false;
      varies = varies || x != first;
    }
  }
  return varies;
}

struct Placed {
  double value;
  std::size_t chain;
  std::size_t draw;
};

std::vector<Placed> sorted(const Chains& chains) {
  std::vector<Placed> all;
  for (std::size_t c = 0; c < chains.size(); ++c) {
    for (std::size_t k = 0; k < chains[c].size(); ++k) all.push_back({chains[c][k], c, k});
  }
  std::ranges::stable_sort(all, {}, &Placed::value);
  return all;
}

}  // namespace

std::optional<double> effective_sample_size(const Chains& chains) {
  if (!is_usable(chains)) return std::nullopt;
  const Variances v = variances(chains);
  const std::size_t n = chains.front().size();
  const auto all = static_cast<double>(n * chains.size());
  const auto correlation = [&](std::size_t lag) {
    if (lag == 0) return 1.0;
    double shared = 0;
    for (std::size_t j = 0; j < chains.size(); ++j) {
      shared += autocovariance(chains[j], v.means[j], lag) / static_cast<double>(chains.size());
    }
    return 1 - (v.within - shared) / v.whole;
  };
  double tau = -1;
  double lowest = HUGE_VAL;
  for (std::size_t k = 0; 2 * k + 1 < n; ++k) {
    const double pair = correlation(2 * k) + correlation(2 * k + 1);
    if (pair < 0) break;
    lowest = std::min(lowest, pair);
    tau += 2 * lowest;
  }
  return all / std::max(tau, 1 / std::log10(all));
}

std::optional<double> r_hat(const Chains& chains) {
  if (!is_usable(chains)) return std::nullopt;
  const Variances v = variances(chains);
  return std::sqrt(v.whole / v.within);
}

Chains halves(const Chains& chains) {
  Chains both;
  for (const auto& chain : chains) {
    const auto half = static_cast<std::ptrdiff_t>(chain.size() / 2);
    both.emplace_back(chain.begin(), chain.begin() + half);
    both.emplace_back(chain.end() - half, chain.end());
  }
  return both;
}

Chains rank_normalized(const Chains& chains) {
  const std::vector<Placed> all = sorted(chains);
  const auto count = static_cast<double>(all.size());
  const boost::math::normal normal;
  Chains scores = chains;
  for (std::size_t first = 0; first < all.size();) {
    std::size_t end = first;
    while (end < all.size() && all[end].value == all[first].value) ++end;
    const double rank = static_cast<double>(first + 1 + end) / 2;  // of the ties, from 1
    const double score = boost::math::quantile(normal, (rank - 0.375) / (count + 0.25));
    for (; first < end; ++first) scores[all[first].chain][all[first].draw] = score;
  }
  return scores;
}

Chains folded(const Chains& chains) {
  const std::vector<Placed> all = sorted(chains);
  if (all.empty()) return chains;
  const double median = (all[(all.size() - 1) / 2].value + all[all.size() / 2].value) / 2;
  Chains distances = chains;
  for (auto& chain : distances) {
    for (double& x : chain) x = std::abs(x - median);
  }
  return distances;
}

std::optional<double> bulk_effective_sample_size(const Chains& chains) {
  const Chains split = halves(chains);
  if (!is_usable(split)) return std::nullopt;
  return effective_sample_size(rank_normalized(split));
}

std::optional<double> rank_normalized_split_r_hat(const Chains& chains) {
  const Chains split = halves(chains);
  if (!is_usable(split)) return std::nullopt;
  const auto location = r_hat(rank_normalized(split));
  const auto scale = r_hat(rank_normalized(halves(folded(chains))));
  return std::max(location.value_or(1), scale.value_or(1));
}

}  // namespace gapbench::train
