#include "compare/sections/against.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compare/findings/findings.h"

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

Cell ordered(std::string text, const std::optional<double>& order) {
  Cell cell(std::move(text));
  cell.order = order;
  return cell;
}

Cell difference_cell(const Finding& f) {
  return ordered(difference_text(f.statistic, f.interval),
                 f.statistic ? std::optional(f.statistic->mean) : std::nullopt);
}

Cell p_cell(const std::optional<double>& p) {
  if (!p) return "–";
  return ordered(*p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", *p), p);
}

void add_metric(const Section& section, const Column& metric, const std::vector<Finding>& found,
                bool explained, Table& table) {
  Cells differences;
  Cells ps;
  Cells wilcoxon;
  Cells superiority;
  for (std::size_t i = 0; i < section.rows.size(); ++i) {
    const Finding& f = found[i];
    if (i == 0) continue;  // the baseline
    differences.push_back(difference_cell(f));
    ps.push_back(p_cell(f.p));
    wilcoxon.push_back(p_cell(f.wilcoxon_p));
    superiority.push_back(
        ordered(f.superiority ? fmt::format("{:.2f}", *f.superiority) : "–", f.superiority));
  }
  table.add(fmt::format("Δ {}", metric.heading), std::move(differences));
  table.add("p (Holm)", std::move(ps));
  if (explained) table.add("Wilcoxon p (Holm)", std::move(wilcoxon));
  table.add("P(>)", std::move(superiority));
}

Cells seed_counts(const std::vector<std::vector<Finding>>& found, std::size_t rows) {
  Cells cells;
  for (std::size_t i = 1; i < rows; ++i) {
    std::size_t seeds = 0;
    for (const auto& of_metric : found) seeds = std::max(seeds, of_metric[i].differences.size());
    cells.push_back(ordered(std::to_string(seeds), static_cast<double>(seeds)));
  }
  return cells;
}

Cell effect_cell(const Effect& effect) {
  const std::string text =
      difference_text(effect.differences, effect.spread ? effect.interval : std::nullopt);
  return ordered(fmt::format("{}, n = {}", text, effect.differences.n), effect.differences.mean);
}

bool has_differences(const std::vector<std::vector<Finding>>& found) {
  return std::any_of(found.begin(), found.end(), [](const auto& of_metric) {
    return std::any_of(of_metric.begin(), of_metric.end(),
                       [](const Finding& f) { return !f.differences.empty(); });
  });
}

/// "adam (not fitted on the first)", "adam (1/5 not fitted on both)".
std::string carried_label(const std::string& method, const Section& from, const Section& to) {
  const std::string a = fitting_note(*only_row(from, method));
  const std::string b = fitting_note(*only_row(to, method));
  const auto on = [](const std::string& note, const char* where) {
    return note.empty() ? "" : fmt::format("{} on {})", note.substr(0, note.size() - 1), where);
  };
  if (a == b) return method + on(a, "both");
  return method + on(a, "the first") + on(b, "the second");
}

/// Of one metric.
void add_carried(const std::vector<Carried>& list, const Column& metric, Table& table) {
  Cells first;
  Cells second;
  Cells verdicts;
  for (const Carried& c : list) {
    if (c.metric.name != metric.name) continue;
    first.push_back(effect_cell(c.transfer.a));
    second.push_back(effect_cell(c.transfer.b));
    verdicts.emplace_back(to_text(c.transfer.verdict()));
  }
  table.add(fmt::format("Δ {}, first", metric.heading), std::move(first));
  table.add("second", std::move(second));
  table.add("Verdict", std::move(verdicts));
}

/// `list`: every method's metrics, each method with the same ones in the same order.
Page carried_between(const std::vector<Carried>& list, const std::string& baseline,
                     bool explained) {
  const Section& first = *list.front().from;
  const Section& second = *list.front().to;
  Table table(
      fmt::format("Whether the differences to {} carry over from {} to {}, with 95 % t intervals",
                  baseline, first.title, second.title));
  Cells labels;
  Bullets sentences;
  for (const Carried& c : list) {
    if (c.metric.name == list.front().metric.name) {
      labels.emplace_back(carried_label(c.method, first, second));
    }
    sentences.items.push_back(fmt::format("{}, {}: {}.", c.method, c.metric.heading,
                                          explain(c.transfer, first.title, second.title)));
  }
  table.add("Against " + carried_label(baseline, first, second), std::move(labels));
  for (const Carried& c : list) {
    if (c.method != list.front().method) break;
    add_carried(list, c.metric, table);
  }
  Page page{Text(fmt::format("From {} (first) to {} (second):", first.title, second.title)), table};
  if (explained) page.push_back(sentences);
  return page;
}

}  // namespace

Page against_baseline(const Section& section, const std::string& baseline,
                      const std::vector<std::string>& names, bool explained) {
  const std::vector<Column> metrics = metrics_of(section, names);
  const auto found = findings(section, baseline, metrics);
  if (!has_differences(found)) return {};
  Table table(fmt::format("{}: differences to {} by seed", section.title, baseline));
  Cells labels;
  for (std::size_t i = 1; i < section.rows.size(); ++i) labels.push_back(section.rows[i].label);
  table.add(fmt::format("Against {}, by seed", baseline), std::move(labels));
  table.add("Seeds", seed_counts(found, section.rows.size()));
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    add_metric(section, metrics[m], found[m], explained, table);
  }
  return {table};
}

Page carried_over(const Aggregate& all, const std::vector<std::string>& names, bool explained) {
  const std::vector<Carried> list = carried(all, names);
  if (list.empty()) return {};
  Page page{Heading{2, "Does it carry over?"}};
  for (auto first = list.begin(); first != list.end();) {
    const auto last = std::find_if(first, list.end(), [&](const Carried& c) {
      return c.from != first->from || c.to != first->to;
    });
    append(page, carried_between({first, last}, all.baseline, explained));
    first = last;
  }
  return page;
}

}  // namespace gapbench::compare
