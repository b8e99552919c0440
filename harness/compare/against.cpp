#include "compare/against.h"

#include <fmt/format.h>

#include <algorithm>

#include "compare/findings.h"
#include "compare/markdown_table.h"

namespace gapbench::compare {
namespace {

/// Digits that an interval deserves; no digits that it does not.
std::string number(double value) { return value == 0 ? "0" : fmt::format("{:+.3g}", value); }

std::string difference_text(const std::optional<Statistic>& value,
                            const std::optional<Interval>& interval) {
  if (!value || value->n == 0) return "–";
  if (!interval) return number(value->mean);
  return fmt::format("{} [{}, {}]", number(value->mean), number(interval->low),
                     number(interval->high));
}

std::string p_text(const std::optional<double>& p) {
  if (!p) return "–";
  return *p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", *p);
}

void add_metric(const Section& section, const Column& metric, const std::vector<Finding>& found,
                MarkdownTable& table) {
  Cells differences;
  Cells ps;
  Cells superiority;
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    const Finding& f = found[i];
    if (i == 0) continue;  // the baseline
    differences.push_back(difference_text(f.statistic, f.interval));
    ps.push_back(p_text(f.p));
    superiority.push_back(f.superiority ? fmt::format("{:.2f}", *f.superiority) : "–");
  }
  table.add(fmt::format("Δ {}", metric.heading), std::move(differences));
  table.add("p (Holm)", std::move(ps));
  table.add("P(>)", std::move(superiority));
}

Cells seed_counts(const std::vector<std::vector<Finding>>& found, std::size_t rows) {
  Cells cells;
  for (std::size_t i = 1; i < rows; ++i) {
    std::size_t seeds = 0;
    for (const auto& of_metric : found) seeds = std::max(seeds, of_metric[i].differences.size());
    cells.push_back(std::to_string(seeds));
  }
  return cells;
}

std::string effect_cell(const Effect& effect) {
  const std::string text =
      difference_text(effect.differences, effect.spread ? effect.interval : std::nullopt);
  return fmt::format("{}, n = {}", text, effect.differences.n);
}

}  // namespace

std::string against_baseline(const Section& section, const std::string& baseline) {
  const std::vector<Column> metrics = metrics_of(section);
  const auto found = findings(section, baseline, metrics);
  const bool any = std::any_of(found.begin(), found.end(), [](const auto& of_metric) {
    return std::any_of(of_metric.begin(), of_metric.end(),
                       [](const Finding& f) { return !f.differences.empty(); });
  });
  if (!any) return "";
  MarkdownTable table;
  Cells labels;
  for (std::size_t i = 1; i < section.rows.size(); ++i) labels.push_back(section.rows[i].label);
  table.add(fmt::format("Against {}, by seed", baseline), std::move(labels));
  table.add("Seeds", seed_counts(found, section.rows.size()));
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    add_metric(section, metrics[m], found[m], table);
  }
  return table.text() + "\n";
}

std::string carried_over(const Aggregate& all, bool explained) {
  const std::vector<Carried> list = carried(all);
  if (list.empty()) return "";
  MarkdownTable table;
  Cells methods;
  Cells metrics;
  Cells from;
  Cells to;
  Cells on_a;
  Cells on_b;
  Cells verdicts;
  std::string sentences;
  for (const Carried& c : list) {
    methods.push_back(c.method);
    metrics.push_back(c.metric);
    from.push_back(c.from->title);
    to.push_back(c.to->title);
    on_a.push_back(effect_cell(c.transfer.a));
    on_b.push_back(effect_cell(c.transfer.b));
    verdicts.push_back(to_text(c.transfer.verdict()));
    sentences += fmt::format("- {}, {}: {}.\n", c.method, c.metric,
                             explain(c.transfer, c.from->title, c.to->title));
  }
  table.add(fmt::format("Against {}", all.baseline), std::move(methods));
  table.add("Metric", std::move(metrics));
  table.add("From", std::move(from));
  table.add("To", std::move(to));
  table.add("Δ on the first", std::move(on_a));
  table.add("Δ on the second", std::move(on_b));
  table.add("Verdict", std::move(verdicts));
  std::string text = fmt::format("## Does it carry over?\n\n{}\n", table.text());
  return explained ? text + sentences + "\n" : text;
}

}  // namespace gapbench::compare
