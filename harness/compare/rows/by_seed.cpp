#include "compare/rows/by_seed.h"

#include <cmath>
#include <set>

#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// Of the i-th finished trial of the row.
std::optional<double> at_end(const Row& row, std::size_t i, const Measure& measure, End end) {
  if (end == End::point || row.brackets.empty()) return measure(*row.ok[i]);
  Record there;
  there.outcome.final = end == End::before ? row.brackets[i]->before : row.brackets[i]->after;
  there.outcome.cost = there.outcome.final->cost;
  return measure(there);
}

}  // namespace

BySeed by_seed(const Row& row, const Measure& measure, End end) {
  if (row.seeds_repeat || row.too_wide() > 0) return {};
  BySeed values;
  for (std::size_t i = 0; i < row.ok.size(); ++i) {
    const auto value = at_end(row, i, measure, end);
    if (!value) continue;
    if (!std::isfinite(*value)) return {};
    values[row.ok[i]->seed] = *value;
  }
  return values;
}

std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method, End of_baseline) {
  const BySeed theirs = by_seed(baseline, measure, of_baseline);
  std::vector<double> values;
  for (const auto& [seed, ours] : by_seed(method, measure, of_method)) {
    const auto found = theirs.find(seed);
    if (found != theirs.end()) values.push_back(difference(ours, found->second));
  }
  if (method.seeds_agree && baseline.seeds_agree && all_equal(values) && !values.empty()) {
    values.resize(1);
  }
  return values;
}

std::size_t failed_seeds(std::initializer_list<const Row*> rows) {
  std::set<std::uint64_t> seeds;
  for (const Row* row : rows) {
    for (const Record* record : row->failed) seeds.insert(record->seed);
  }
  return seeds.size();
}

std::vector<Blocks> blocks(const std::vector<BySeed>& rows) {
  std::set<std::uint64_t> seeds;
  for (const BySeed& row : rows) {
    for (const auto& [seed, value] : row) seeds.insert(seed);
  }
  std::vector<Blocks> all;
  for (const BySeed& row : rows) {
    Blocks& of_row = all.emplace_back();
    for (const std::uint64_t seed : seeds) {
      const auto found = row.find(seed);
      of_row.push_back(found == row.end() ? std::nullopt : std::optional(found->second));
    }
  }
  return all;
}

}  // namespace gapbench::compare
