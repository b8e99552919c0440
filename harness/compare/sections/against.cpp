#include "compare/sections/against.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "compare/sections/cells.h"
#include "compare/statistics/uniform.h"

namespace gapbench::compare {
namespace {

/// Marks a row that is not in the comparison.
constexpr const char* outside_mark = " ‡";

/// Decimals of all differences to the baseline on a metric; nothing where each has its own.
std::optional<int> common_decimals(const std::vector<Finding>& found, Digits digits) {
  if (digits == Digits::own) return std::nullopt;
  std::vector<double> differences;
  std::vector<Interval> intervals;
  for (const Finding& f : found) {
    if (f.statistic) differences.push_back(f.statistic->mean);
    if (f.interval) intervals.push_back(*f.interval);
  }
  return decimals_of(differences, intervals);
}

Cell own_cell(const Finding& f, std::optional<int> decimals) {
  return ordered(difference_text(f.statistic, f.interval, decimals),
                 f.statistic ? std::optional(f.statistic->mean) : std::nullopt);
}

Cell compared_cell(const Finding& f, std::optional<int> decimals) {
  if (!f.among) {
    Cell cell = own_cell(f, decimals);
    if (f.statistic) cell.text += outside_mark;
    return cell;
  }
  return ordered(difference_text(f.statistic, f.among->interval, decimals), f.statistic->mean);
}

Cell doubt_cell(const Finding& f) {
  if (!f.among) return "–";
  return ordered(f.beyond_doubt() ? "yes" : "no", f.beyond_doubt() ? 1 : 0);
}

template <class Of>
Cells each(const std::vector<Finding>& found, Of of) {
  Cells cells;
  for (std::size_t i = 1; i < found.size(); ++i) cells.push_back(of(found[i]));
  return cells;
}

void add_wilcoxon(const std::vector<Finding>& found, Table& table) {
  const auto speaks = [](const Finding& f) { return f.wilcoxon_p.has_value(); };
  if (std::none_of(found.begin(), found.end(), speaks)) return;
  table.add("Wilcoxon p", each(found, [](const Finding& f) { return p_cell(f.wilcoxon_p); }));
}

/// Of the differences' deviation; nothing where draws have one seed each, or all seeds one draw.
void add_deviations(const std::vector<Finding>& found, Table& table) {
  const auto has = [](const Finding& f) { return f.draws && f.draws->tau; };
  if (std::ranges::none_of(found, has)) return;
  const auto add = [&](const char* heading, std::optional<double> OverDraws::*which) {
    table.add(heading, each(found, [&](const Finding& f) -> Cell {
                if (!has(f)) return "–";
                const double value = *((*f.draws).*which);
                return ordered(fmt::format("{:.3g}", value), value);
              }));
  };
  add("τ (draws)", &OverDraws::tau);
  add("σ (seeds)", &OverDraws::sigma);
}

void add_metric(const Comparison& c, std::size_t metric, bool explained, Digits digits,
                Table& table) {
  const std::vector<Finding>& found = c.found[metric];
  const std::optional<int> decimals = common_decimals(found, digits);
  const auto own = [&](const Finding& f) { return own_cell(f, decimals); };
  const auto compared = [&](const Finding& f) { return compared_cell(f, decimals); };
  const std::string name = c.metrics[metric].heading;
  const bool decides = c.primary == metric;
  if (decides) {
    table.add("Δ " + name, each(found, compared));
    table.add("p", each(found, [](const Finding& f) {
                return p_cell(f.among ? std::optional(f.among->p) : std::nullopt);
              }));
    table.add("Beyond doubt", each(found, doubt_cell));
    add_deviations(found, table);
    if (explained) table.add("Own t interval", each(found, own));
  } else {
    table.add(fmt::format("Δ {} (secondary)", name), each(found, own));
  }
  if (explained) add_wilcoxon(found, table);
  table.add("P(>)", each(found, [](const Finding& f) {
              return ordered(f.superiority ? fmt::format("{:.2f}", *f.superiority) : "–",
                             f.superiority);
            }));
}

Cells seed_counts(const Comparison& c) {
  Cells cells;
  for (std::size_t i = 1; i < c.section->rows.size(); ++i) {
    std::size_t seeds = 0;
    for (const auto& of_metric : c.found) {
      seeds = std::max(seeds, of_metric[i].differences.size());
    }
    cells.push_back(
        ordered(seeds_text(seeds, c.found.front()[i].failed), static_cast<double>(seeds)));
  }
  return cells;
}

bool has_differences(const Comparison& c) {
  return std::any_of(c.found.begin(), c.found.end(), [](const auto& of_metric) {
    return std::any_of(of_metric.begin(), of_metric.end(),
                       [](const Finding& f) { return !f.differences.empty(); });
  });
}

/// "‡ not in the comparison: rough (failed trials), adam (not fitted)."
Page outside_note(const Comparison& c) {
  std::vector<std::string> rows;
  for (std::size_t i = 1; i < c.outside.size(); ++i) {
    if (c.outside[i].empty()) continue;
    rows.push_back(fmt::format("{} ({})", c.section->rows[i].label, c.outside[i]));
  }
  if (!c.primary || rows.empty()) return {};
  return {Text(fmt::format("‡ Not in the comparison, with the t interval of their own: {}.",
                           fmt::join(rows, ", ")))};
}

Page draws_note(const Comparison& c) {
  const auto seeds = c.section->rows.front().seeds_per_draw;
  if (seeds < 2) return {};
  return {
      Text(fmt::format("Each draw of the training set counts once, by the mean difference of its "
                       "{} seeds. τ: deviation of the effect over draws; σ: of the differences "
                       "over the seeds of one draw.",
                       seeds))};
}

Page uneven_note(const Comparison& c) {
  if (c.uneven.empty()) return {};
  return {Text()
              .strong("Uneven spreads")
              .add(fmt::format(": {} as far as the other rows. The comparison takes all errors for "
                               "alike; where they are not, its intervals are too narrow.",
                               fmt::join(c.uneven, ", ")))};
}

}  // namespace

Page against_baseline(const Comparison& c, const std::string& baseline, bool explained,
                      Digits digits) {
  if (!has_differences(c)) return {};
  Table table(fmt::format("{}: differences to {} by seed", c.section->title, baseline));
  Cells labels;
  for (std::size_t i = 1; i < c.section->rows.size(); ++i) {
    labels.push_back(c.section->rows[i].label);
  }
  table.add(fmt::format("Against {}, by seed", baseline), std::move(labels));
  const bool draws = c.section->rows.front().seeds_per_draw > 1;
  table.add(draws ? "Draws" : "Seeds", seed_counts(c));
  for (std::size_t m = 0; m < c.metrics.size(); ++m) add_metric(c, m, explained, digits, table);
  Page page{table};
  append(page, draws_note(c));
  append(page, outside_note(c));
  append(page, uneven_note(c));
  return page;
}

}  // namespace gapbench::compare
