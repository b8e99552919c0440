#include "compare/sections/to_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compare/rows/timing.h"
#include "compare/sections/batch_sizes.h"
#include "compare/sections/cells.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

using records::Record;

constexpr double infinite = std::numeric_limits<double>::infinity();

/// Of the row's trials that are known; misses are infinite.
std::vector<std::pair<std::uint64_t, double>> costs_of(const Row& row, const CostsToTarget& costs) {
  std::vector<std::pair<std::uint64_t, double>> values;
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const Record* record : *list) {
      const auto found = costs.find(record);
      if (found != costs.end()) values.emplace_back(record->seed, found->second.value_or(infinite));
    }
  }
  return values;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

RowToTarget row_to_target(const Row& row, const CostsToTarget& costs) {
  RowToTarget result{&row};
  std::vector<double> values;
  for (const auto& [seed, cost] : costs_of(row, costs)) values.push_back(cost);
  result.n = values.size();
  result.missed = static_cast<std::size_t>(std::ranges::count(values, infinite));
  result.median = median(values);
  if (result.missed == 0 && !values.empty()) result.cost = summary(values);
  return result;
}

/// Whether each seed stands for one trial: else they are no pairs.
bool pairs(const std::vector<std::pair<std::uint64_t, double>>& values) {
  std::vector<std::uint64_t> seeds;
  for (const auto& [seed, cost] : values) seeds.push_back(seed);
  std::ranges::sort(seeds);
  return std::ranges::adjacent_find(seeds) == seeds.end();
}

void add_difference(const Row& baseline, const CostsToTarget& costs, RowToTarget& result) {
  const auto ours = costs_of(*result.row, costs);
  const auto theirs = costs_of(baseline, costs);
  if (!pairs(ours) || !pairs(theirs)) return;
  std::vector<double> differences;
  for (const auto& [seed, cost] : ours) {
    const auto same = [&s = seed](const auto& other) { return other.first == s; };
    const auto found = std::ranges::find_if(theirs, same);
    if (found != theirs.end()) differences.push_back(difference(cost, found->second));
  }
  if (differences.empty()) return;
  result.difference = summary(differences);
  if (has_spread(differences)) result.interval = t_interval(differences);
}

Cell cost_cell(const RowToTarget& r, Style style) {
  if (!r.median) return "–";
  if (std::isinf(*r.median)) return ordered("∞", infinite);
  return ordered(to_text(Statistic{*r.median, 0, 1}, style), r.median);
}

Table table_of(const Section& section, const std::string& baseline, const Target& target,
               const std::vector<RowToTarget>& rows) {
  const Style style = target.cost == At::equal_seconds ? Style::three_digits : Style::prefixed;
  Table table(fmt::format("{}: {} to a {} of {:g}", section.title, unit_of(target.cost),
                          target.metric, target.value));
  Cells labels, counts, missed, medians, means, differences;
  for (const RowToTarget& r : rows) {
    labels.emplace_back(r.row->label);
    counts.push_back(ordered(std::to_string(r.n), static_cast<double>(r.n)));
    missed.push_back(ordered(std::to_string(r.missed), static_cast<double>(r.missed)));
    medians.push_back(cost_cell(r, style));
    means.push_back(r.cost ? ordered(to_text(*r.cost, style), r.cost->mean) : Cell("–"));
    differences.push_back(
        r.difference ? ordered(difference_text(r.difference, r.interval), r.difference->mean)
                     : Cell("–"));
  }
  table.add(fmt::format("{}, {} to {:g}", section.title, target.metric, target.value),
            std::move(labels));
  table.add("n", std::move(counts));
  table.add("Missed", std::move(missed));
  table.add(fmt::format("Median {}", unit_of(target.cost)), std::move(medians));
  table.add("Mean ± deviation", std::move(means));
  const bool any =
      std::ranges::any_of(rows, [](const RowToTarget& r) { return r.difference.has_value(); });
  if (any) table.add(fmt::format("Δ to {}, by seed", baseline), std::move(differences));
  return table;
}

Page against_batch_size(const Aggregate& all, const Target& target, const CostsToTarget& costs) {
  Page page;
  for (const Section& section : all.sections) append(page, batch_sizes(section, target, costs));
  if (page.empty()) return page;
  page.insert(page.begin(), Heading{2, fmt::format("Batch size and steps to a {} of {:g}",
                                                   target.metric, target.value)});
  page.push_back(Text(batch_sizes_legend()));
  return page;
}

}  // namespace

std::vector<RowToTarget> rows_to_target(const Section& section, const std::string& baseline,
                                        const Target& target, const CostsToTarget& costs) {
  std::vector<RowToTarget> rows;
  for (const Row& row : section.rows) rows.push_back(row_to_target(row, costs));
  const Row* base = only_row(section, baseline);
  if (base == nullptr) return rows;
  const std::size_t at = static_cast<std::size_t>(base - section.rows.data());
  if (!rows[at].cost) return rows;
  for (RowToTarget& r : rows) {
    const bool timed = target.cost == At::equal_seconds;
    const bool void_of_meaning = timed && !why_not_timed({r.row, base}).empty();
    if (r.row != base && r.cost && !void_of_meaning) add_difference(*base, costs, r);
  }
  return rows;
}

Page to_target(const Aggregate& all, const Target& target, const CostsToTarget& costs) {
  Page page{Heading{2, fmt::format("Cost to a {} of {:g}", target.metric, target.value)},
            Text(fmt::format(
                "In {}, of each trial up to where it first got there: between the evaluation "
                "before and the one after, linear in the accuracy or in the logarithm of the "
                "loss, so no surer than these two. A trial that never got there has missed "
                "and cost infinitely much, failed ones too; means, deviations and 95 % t "
                "intervals of differences by seed are given only where none has missed.",
                unit_of(target.cost)))};
  for (const Section& section : all.sections) {
    page.push_back(table_of(section, all.baseline, target,
                            rows_to_target(section, all.baseline, target, costs)));
    const std::vector<std::string> untimed = untimed_rows(section, all.baseline);
    if (target.cost == At::equal_seconds && !untimed.empty()) {
      page.push_back(Text(fmt::format("No differences of seconds where they are no measure: {}.",
                                      fmt::join(untimed, "; "))));
    }
  }
  if (target.cost == At::equal_steps) append(page, against_batch_size(all, target, costs));
  return page;
}

}  // namespace gapbench::compare
