#include "compare/statistics/signed_rank.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

constexpr std::size_t most_for_exact = 25;

/// Twice the rank of |d_i| among all: integers, ties at twice their mean rank.
std::vector<std::size_t> doubled_ranks(std::span<const double> d) {
  std::vector<std::size_t> order(d.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto size = [&](std::size_t i) { return std::abs(d[i]); };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return size(a) < size(b); });
  std::vector<std::size_t> ranks(d.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last < order.size() && size(order[last]) == size(order[first])) ++last;
    for (std::size_t i = first; i < last; ++i) ranks[order[i]] = first + 1 + last;
    first = last;
  }
  return ranks;
}

struct SignedRanks {
  std::vector<std::size_t> ranks;  ///< doubled; of the differences that are not 0
  std::size_t positive = 0;        ///< doubled W
  std::size_t total = 0;
};

SignedRanks signed_ranks(std::span<const double> d) {
  const std::vector<std::size_t> all = doubled_ranks(d);
  SignedRanks result;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (d[i] == 0) continue;
    result.ranks.push_back(all[i]);
    result.total += all[i];
    if (d[i] > 0) result.positive += all[i];
  }
  return result;
}

/// Twice the smaller tail: counts of sign patterns by their doubled W, exact in a double.
double exact_p(const SignedRanks& s) {
  std::vector<double> patterns(s.total + 1, 0);
  patterns[0] = 1;
  std::size_t reach = 0;
  for (const std::size_t rank : s.ranks) {
    for (std::size_t w = reach + 1; w-- > 0;) patterns[w + rank] += patterns[w];
    reach += rank;
  }
  const std::size_t smaller = std::min(s.positive, s.total - s.positive);
  double tail = 0;
  for (std::size_t w = 0; w <= smaller; ++w) tail += patterns[w];
  return std::min(1.0, 2 * tail / std::exp2(static_cast<double>(s.ranks.size())));
}

double normal_p(const SignedRanks& s) {
  double squares = 0;
  for (const std::size_t rank : s.ranks) squares += static_cast<double>(rank * rank) / 4;
  const double w = static_cast<double>(s.positive) / 2;
  const double mean = static_cast<double>(s.total) / 4;
  const double distance = std::max(0.0, std::abs(w - mean) - 0.5);
  const double z = distance / std::sqrt(squares / 4);
  return std::min(1.0, 2 * boost::math::cdf(boost::math::complement(boost::math::normal(), z)));
}

}  // namespace

std::optional<Test> signed_rank_test(std::span<const double> differences) {
  require_finite("signed-rank test", differences);
  if (differences.empty()) return std::nullopt;
  const SignedRanks s = signed_ranks(differences);
  const bool exact = s.ranks.size() <= most_for_exact;
  return Test{static_cast<double>(s.positive) / 2, exact ? exact_p(s) : normal_p(s)};
}

double least_signed_rank_p(std::size_t n) {
  return n < 1 ? 1 : std::exp2(1 - static_cast<double>(n));
}

}  // namespace gapbench::compare
