#include "compare/report/answer_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "compare/pages/page.h"
#include "compare/report/families.h"
#include "compare/sections/cells.h"
#include "compare/sections/notes.h"
#include "compare/statistics/uniform.h"

namespace gapbench::compare {
namespace {

struct Entry {
  std::string html = "–";
  std::optional<double> order;
  bool strong = false;
};

/// What a column shows of each family's rows.
struct AnswerColumn {
  std::string on;       ///< data set or pair
  std::string what;     ///< metric
  std::string kind;     ///< class: "effect", "level", "zone"
  bool first = false;   ///< of its data set or pair
  bool hidden = false;  ///< until it is chosen
};

const Row* row_of(const Section& section, const std::string& label) {
  const auto found = std::ranges::find(section.rows, label, &Row::label);
  return found == section.rows.end() ? nullptr : &*found;
}

std::optional<std::size_t> metric_place(const Comparison& c, const std::string& name) {
  for (std::size_t m = 0; m < c.metrics.size(); ++m) {
    if (c.metrics[m].name == name) return m;
  }
  return std::nullopt;
}

/// The one that decides and the first gap.
bool is_shown(const Comparison& c, std::size_t metric) {
  if (!c.primary || metric == *c.primary) return true;
  const auto gap = std::ranges::find_if(c.metrics, [](const Column& m) { return m.is_gap; });
  return gap != c.metrics.end() && gap - c.metrics.begin() == static_cast<std::ptrdiff_t>(metric);
}

std::string mark(const std::string& text) {
  return fmt::format(" <small class=\"mark\">{}</small>", html_escaped(text));
}

/// "not fitted", "1/5 not fitted", "2/5 failed".
std::string marks(const Row& row) {
  std::string html;
  const std::string fitting = fitting_note(row);
  if (!fitting.empty()) html += mark(fitting.substr(2, fitting.size() - 3));
  if (!row.failed.empty())
    html += mark(fmt::format("{}/{} failed", row.failed.size(), row.trials()));
  return html;
}

bool is_level(const Aggregate& all, const Section& section, const Row& row) {
  const Row* base = all.baseline.empty() ? nullptr : only_row(section, all.baseline);
  return base == nullptr || base == &row;
}

Entry effect(const Finding& f, bool decides, int decimals) {
  if (!f.statistic) return {};
  const auto& interval = decides && f.among ? std::optional(f.among->interval) : f.interval;
  Entry entry{html_escaped(difference_text(f.statistic, interval, decimals)), f.statistic->mean,
              decides && f.beyond_doubt()};
  if (decides && !f.among) entry.html += " ‡";
  return entry;
}

/// Decimals of a metric's differences, on all data sets of the table.
int common_decimals(const std::vector<Comparison>& comparisons, const std::string& name) {
  std::vector<double> differences;
  std::vector<Interval> intervals;
  for (const Comparison& c : comparisons) {
    const auto metric = metric_place(c, name);
    if (!metric) continue;
    for (const Finding& f : c.found[*metric]) {
      if (f.statistic) differences.push_back(f.statistic->mean);
      if (f.interval) intervals.push_back(*f.interval);
    }
  }
  return decimals_of(differences, intervals);
}

std::string zone_class(Zone zone) {
  switch (zone) {
    case Zone::reproduces:
      return "reproduces";
    case Zone::weaker:
      return "weaker";
    case Zone::share_open:
      return "open";
    case Zone::at_most:
      return "at-most";
    case Zone::reverses:
      return "reverses";
    case Zone::cannot_tell:
      break;
  }
  return "unknown";
}

Entry zone(const Carried& c) {
  const CarriedShare& share = c.transfer.share;
  Entry entry{fmt::format("<span class=\"zone {}\">{}</span>", zone_class(share.zone),
                          html_escaped(c.transfer.word())),
              share.value};
  if (share.interval) entry.html += fmt::format(" <small>{}</small>", share_text(share));
  return entry;
}

class AnswerTable {
 public:
  AnswerTable(const Aggregate& all, const std::vector<Comparison>& comparisons,
              const std::vector<Carried>& carried, std::vector<Family> families)
      : all_(all), comparisons_(comparisons), carried_(carried), families_(std::move(families)) {
    const Family& first = families_.front();
    for (std::size_t i = 0; i < first.sections.size(); ++i) add_section_columns(first, i);
    for (std::size_t a = 0; a < first.sections.size(); ++a) {
      for (std::size_t b = a + 1; b < first.sections.size(); ++b) add_pair_columns(first, a, b);
    }
  }

  std::string html() const {
    std::string rows;
    for (const Family& family : families_) rows += body(family);
    return fmt::format(
        "<div class=\"table answer\" role=\"region\" tabindex=\"0\" "
        "aria-label=\"Answers\"><table>\n"
        "<caption>{}</caption>\n<thead><tr><th scope=\"col\">Method</th>{}</tr></thead>\n"
        "{}</table></div>\n",
        html_escaped(caption()), headings(), rows);
  }

 private:
  struct Place {
    std::size_t section;  ///< within a family
    std::size_t other;    ///< the second of a pair; the same for no pair
    std::string metric;
  };

  void add(AnswerColumn column, Place place) {
    columns_.push_back(std::move(column));
    places_.push_back(std::move(place));
  }

  void add_section_columns(const Family& family, std::size_t place) {
    const Comparison& c = comparisons_[family.sections[place]];
    const char* delta = all_.baseline.empty() ? "" : "Δ ";
    for (std::size_t m = 0; m < c.metrics.size(); ++m) {
      const Column& metric = c.metrics[m];
      const char* arrow = metric.better == Better::higher  ? " ↑"
                          : metric.better == Better::lower ? " ↓"
                                                           : "";
      add({family.names[place], delta + metric.heading + arrow, "effect", m == 0, !is_shown(c, m)},
          {place, place, metric.name});
    }
  }

  void add_pair_columns(const Family& family, std::size_t a, std::size_t b) {
    const Comparison& c = comparisons_[family.sections[a]];
    bool first = true;
    for (std::size_t m = 0; m < c.metrics.size(); ++m) {
      const bool any = std::ranges::any_of(
          carried_, [&](const Carried& other) { return other.metric.name == c.metrics[m].name; });
      if (!any) continue;
      add({fmt::format("{} → {}", family.names[a], family.names[b]), c.metrics[m].heading, "zone",
           std::exchange(first, false), !is_shown(c, m)},
          {a, b, c.metrics[m].name});
    }
  }

  std::string caption() const {
    if (families_.size() > 1) return "Answers, by network";
    return families_.front().shared.empty() ? "Answers"
                                            : fmt::format("Answers: {}", families_.front().shared);
  }

  static std::string classes(const AnswerColumn& c) {
    return fmt::format("{}{}{}", c.kind, c.first ? " first" : "", c.hidden ? " off" : "");
  }

  std::string headings() const {
    std::string html;
    for (const AnswerColumn& c : columns_) {
      html += fmt::format("<th scope=\"col\" class=\"{}\"><small>{}</small> {}</th>", classes(c),
                          html_escaped(c.on), html_escaped(c.what));
    }
    return html;
  }

  /// Of all sections of the family, in the order of the first that has them.
  std::vector<std::string> labels(const Family& family) const {
    std::vector<std::string> found;
    for (const std::size_t s : family.sections) {
      for (const Row& row : comparisons_[s].section->rows) {
        if (std::ranges::find(found, row.label) == found.end()) found.push_back(row.label);
      }
    }
    return found;
  }

  std::string body(const Family& family) const {
    std::string html = "<tbody>\n";
    if (families_.size() > 1) {
      html +=
          fmt::format("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n",
                      columns_.size() + 1, html_escaped(family.shared));
    }
    for (const std::string& label : labels(family)) {
      html += fmt::format("<tr><th scope=\"row\">{}</th>", html_escaped(label));
      for (std::size_t i = 0; i < columns_.size(); ++i) html += cell(family, label, i);
      html += "</tr>\n";
    }
    return html + "</tbody>\n";
  }

  std::string cell(const Family& family, const std::string& label, std::size_t column) const {
    const Place& place = places_[column];
    const Entry e = place.section == place.other ? section_entry(family, label, column)
                                                 : pair_entry(family, label, place);
    const std::string order = e.order ? fmt::format(" data-order=\"{}\"", exact(*e.order)) : "";
    const std::string shown = e.strong ? fmt::format("<strong>{}</strong>", e.html) : e.html;
    return fmt::format("<td class=\"{}\"{}>{}{}</td>", classes(columns_[column]), order, shown,
                       columns_[column].first ? row_marks(family, label, place) : "");
  }

  std::string row_marks(const Family& family, const std::string& label, const Place& place) const {
    if (place.section != place.other) return "";
    const Row* row = row_of(*comparisons_[family.sections[place.section]].section, label);
    return row == nullptr ? "" : marks(*row);
  }

  Entry section_entry(const Family& family, const std::string& label, std::size_t column) const {
    const Place& place = places_[column];
    const Comparison& c = comparisons_[family.sections[place.section]];
    const Row* row = row_of(*c.section, label);
    const auto metric = metric_place(c, place.metric);
    if (row == nullptr || !metric) return {};
    if (is_level(all_, *c.section, *row)) {
      const auto value = over_seeds(*row, c.metrics[*metric].measure);
      if (!value) return {};
      const bool has_baseline = !all_.baseline.empty();
      return {fmt::format("<em>{}</em>", to_text(*value, c.metrics[*metric].style)),
              has_baseline ? 0 : value->mean};
    }
    const auto index = static_cast<std::size_t>(row - c.section->rows.data());
    return effect(c.found[*metric][index], c.primary == metric,
                  common_decimals(comparisons_, place.metric));
  }

  Entry pair_entry(const Family& family, const std::string& label, const Place& place) const {
    const Section* from = comparisons_[family.sections[place.section]].section;
    const Section* to = comparisons_[family.sections[place.other]].section;
    for (const Carried& c : carried_) {
      if (c.from == from && c.to == to && c.metric.name == place.metric &&
          only_row(*from, c.method) == row_of(*from, label)) {
        return zone(c);
      }
    }
    return {};
  }

  const Aggregate& all_;
  const std::vector<Comparison>& comparisons_;
  const std::vector<Carried>& carried_;
  std::vector<Family> families_;
  std::vector<AnswerColumn> columns_;
  std::vector<Place> places_;
};

}  // namespace

std::string answer_tables(const Aggregate& all, const std::vector<Comparison>& comparisons,
                          const std::vector<Carried>& carried) {
  std::string html;
  for (std::vector<Family>& together : families_by_names(families_of(all))) {
    html += AnswerTable(all, comparisons, carried, std::move(together)).html();
  }
  return html;
}

}  // namespace gapbench::compare
