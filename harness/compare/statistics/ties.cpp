#include "compare/statistics/ties.h"

#include <algorithm>
#include <optional>

#include "compare/statistics/interval.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

std::vector<double> values_of(const Blocks& row) {
  std::vector<double> values;
  for (const auto& value : row) {
    if (value) values.push_back(*value);
  }
  return values;
}

bool is_tied(const Blocks& row, const Blocks& best, double confidence) {
  const std::vector<double> apart = paired_differences(row, best);
  if (apart.size() < 2) return false;
  return !has_spread(apart) || t_interval(apart, confidence)->covers(0);
}

}  // namespace

std::vector<bool> tied_with_best(std::span<const Blocks> rows, bool higher_is_better,
                                 double confidence) {
  require_level("ties with the best", confidence);
  if (!rows.empty()) require_blocks("ties with the best", rows.front().size(), rows);
  const std::vector<bool> none(rows.size(), false);
  std::vector<std::size_t> known;
  std::optional<std::size_t> best;
  std::vector<double> means(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::vector<double> values = values_of(rows[r]);
    if (values.empty()) continue;
    if (values.size() < 2) return none;
    known.push_back(r);
    means[r] = summary(values).mean * (higher_is_better ? 1 : -1);
    if (!best || means[r] > means[*best]) best = r;
  }
  if (known.size() < 2) return none;
  std::vector<bool> marks = none;
  for (const std::size_t r : known)
    marks[r] = r == *best || is_tied(rows[r], rows[*best], confidence);
  const bool all = std::all_of(known.begin(), known.end(), [&](std::size_t r) { return marks[r]; });
  return all ? none : marks;
}

}  // namespace gapbench::compare
