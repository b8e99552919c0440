#include "compare/rows/by_seed.h"

#include <cmath>
#include <set>
#include <utility>

#include "compare/statistics/sample.h"
#include "train/draws.h"

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

namespace {

/// method - baseline, by seed.
BySeed differences(const Row& method, const Row& baseline, const Measure& measure, End of_method,
                   End of_baseline) {
  const BySeed theirs = by_seed(baseline, measure, of_baseline);
  BySeed values;
  for (const auto& [seed, ours] : by_seed(method, measure, of_method)) {
    const auto found = theirs.find(seed);
    if (found != theirs.end()) values[seed] = difference(ours, found->second);
  }
  return values;
}

/// By draw of the training set, and in it by seed.
using Draws = std::map<std::uint64_t, std::vector<std::pair<std::uint64_t, double>>>;
Draws grouped(const BySeed& values, std::uint64_t seeds_per_draw) {
  Draws draws;
  for (const auto& [seed, value] : values) {
    draws[train::draw_of(seed, seeds_per_draw)].emplace_back(seed, value);
  }
  return draws;
}

}  // namespace

std::vector<BySeed> by_draw(std::vector<BySeed> rows, std::uint64_t seeds_per_draw) {
  if (seeds_per_draw < 2) return rows;
  std::vector<Draws> draws;
  for (const BySeed& row : rows) draws.push_back(grouped(row, seeds_per_draw));
  const auto in_all = [&](std::uint64_t draw, std::uint64_t seed) {
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (draws[r].contains(draw) && !rows[r].contains(seed)) return false;
    }
    return true;
  };
  std::vector<BySeed> means(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (const auto& [draw, seeds] : draws[r]) {
      double sum = 0;
      std::size_t n = 0;
      for (const auto& [seed, value] : seeds) {
        if (!in_all(draw, seed)) continue;
        sum += value;
        ++n;
      }
      if (n > 0) means[r][draw] = sum / static_cast<double>(n);
    }
  }
  return means;
}

std::vector<std::vector<double>> differences_by_draw(const Row& method, const Row& baseline,
                                                     const Measure& measure) {
  std::vector<std::vector<double>> samples;
  if (method.seeds_per_draw < 2) return samples;
  const BySeed all = differences(method, baseline, measure, End::point, End::point);
  for (const auto& [draw, seeds] : grouped(all, method.seeds_per_draw)) {
    std::vector<double>& sample = samples.emplace_back();
    for (const auto& [seed, value] : seeds) sample.push_back(value);
  }
  return samples;
}

std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method, End of_baseline) {
  std::vector<double> values;
  const auto all = by_draw({differences(method, baseline, measure, of_method, of_baseline)},
                           method.seeds_per_draw);
  for (const auto& [draw, value] : all.front()) values.push_back(value);
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

std::vector<Blocks> blocks(const std::vector<BySeed>& values, std::uint64_t seeds_per_draw) {
  const std::vector<BySeed> rows = by_draw(values, seeds_per_draw);
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
