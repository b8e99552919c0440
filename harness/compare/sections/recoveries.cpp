#include "compare/sections/recoveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "compare/findings/findings.h"
#include "compare/findings/verdict.h"
#include "compare/rows/selection.h"
#include "compare/sections/published.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

std::optional<double> published_recovery(const records::Records& records, const Row& row,
                                         const Row& large, const Row& small, const Column& metric) {
  const suite::Published* const method = published_of(records, row, metric);
  const suite::Published* const none = published_of(records, large, metric);
  const suite::Published* const full = published_of(records, small, metric);
  if (method == nullptr || none == nullptr || full == nullptr) return std::nullopt;
  if (method->source != none->source || method->source != full->source) return std::nullopt;
  const double lost = full->value - none->value;
  if (lost == 0 || is_worse(full->value, none->value, metric.better)) return std::nullopt;
  return (method->value - none->value) / lost;
}

std::string cell_text(const Recovery& r) {
  if (!r.value) return "undefined";
  if (!r.interval) return fmt::format("{:.2f}", *r.value);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", *r.value, r.interval->low, r.interval->high);
}

bool has_both(const Section& section, const RecoveryEnds& ends) {
  return only_row(section, ends.large_batch) != nullptr &&
         only_row(section, ends.small_batch) != nullptr;
}

bool any_published(const std::vector<Recovered>& list) {
  return std::ranges::any_of(list, [](const Recovered& r) { return r.published.has_value(); });
}

/// In the order in which `of` first has them.
template <class Of>
auto distinct(const std::vector<Recovered>& list, Of of) {
  std::vector<std::decay_t<decltype(of(list.front()))>> found;
  for (const Recovered& r : list) {
    if (std::ranges::find(found, of(r)) == found.end()) found.push_back(of(r));
  }
  return found;
}

const Recovered* find(const std::vector<Recovered>& list, const std::string& label,
                      const Section* section) {
  const auto found = std::ranges::find_if(
      list, [&](const Recovered& r) { return r.row->label == label && r.section == section; });
  return found == list.end() ? nullptr : &*found;
}

Cell recovery_cell(const Recovered* r) {
  if (r == nullptr) return "–";
  Cell cell(fmt::format("{}, n = {}{}", cell_text(r->recovery),
                        seeds_text(r->recovery.n, r->recovery.failed), fitting_note(*r->row)));
  cell.order = r->recovery.value;
  return cell;
}

Cell published_cell(const Recovered* r) {
  if (r == nullptr || !r->published) return "–";
  Cell cell(fmt::format("{:.2f}", *r->published));
  cell.order = r->published;
  return cell;
}

/// Of one metric: a line for each method, a column for each section.
Table table_of(const std::vector<Recovered>& list, const RecoveryEnds& ends) {
  const auto labels = distinct(list, [](const Recovered& r) { return r.row->label; });
  const std::string& metric = list.front().metric.heading;
  Table table(
      fmt::format("Recovery of {}: 0 is {}, 1 is {}", metric, ends.large_batch, ends.small_batch));
  table.add("Recovery, " + metric, Cells(labels.begin(), labels.end()));
  for (const Section* section : distinct(list, [](const Recovered& r) { return r.section; })) {
    Cells values;
    Cells published;
    for (const std::string& label : labels) {
      const Recovered* const found = find(list, label, section);
      values.push_back(recovery_cell(found));
      published.push_back(published_cell(found));
    }
    const auto is_known = [](const Cell& cell) { return cell.order.has_value(); };
    table.add(section->title, std::move(values));
    if (std::ranges::any_of(published, is_known)) table.add("Published", std::move(published));
  }
  return table;
}

Page tables_of(const std::vector<Recovered>& list, const RecoveryEnds& ends) {
  Page page;
  for (const auto& name : distinct(list, [](const Recovered& r) { return r.metric.name; })) {
    std::vector<Recovered> of_metric;
    std::ranges::copy_if(list, std::back_inserter(of_metric),
                         [&](const Recovered& r) { return r.metric.name == name; });
    page.push_back(table_of(of_metric, ends));
  }
  return page;
}

/// The rule behind each cell, once for all rows of a section and metric that it says the same of.
std::vector<Text> explanations(const std::vector<Recovered>& list) {
  const auto place_and_why = [](const Recovered& r) {
    return std::pair(r.metric.heading + ", " + r.section->title, r.recovery.why);
  };
  std::vector<Text> sentences;
  for (const auto& rule : distinct(list, place_and_why)) {
    std::vector<std::string> rows;
    for (const Recovered& r : list) {
      if (place_and_why(r) == rule) rows.push_back(r.row->label);
    }
    sentences.push_back(
        fmt::format("{} ({}): {}.", rule.first, fmt::join(rows, ", "), rule.second));
  }
  return sentences;
}

/// Sections without either end, and ends that have not fitted where something was measured.
std::vector<Text> notes_on_ends(const Aggregate& all, const RecoveryEnds& ends,
                                const std::vector<Recovered>& list) {
  std::vector<Text> notes;
  for (const Section& section : all.sections) {
    if (!has_both(section, ends)) {
      notes.push_back(fmt::format("{}: no recovery, it needs exactly one row each of {} and {}.",
                                  section.title, ends.large_batch, ends.small_batch));
    }
  }
  for (const Section* section : distinct(list, [](const Recovered& r) { return r.section; })) {
    for (const std::string& end : {ends.large_batch, ends.small_batch}) {
      const std::string note = fitting_note(*only_row(*section, end));
      if (note.empty()) continue;
      notes.push_back(fmt::format("{}: {}{}: what it lost or gained may be slow training.",
                                  section->title, end, note));
    }
  }
  return notes;
}

}  // namespace

void require_ends(const Aggregate& all, const RecoveryEnds& ends) {
  if (ends.large_batch.empty() && ends.small_batch.empty()) return;
  for (const auto& [where, method] :
       {std::pair("large batch", ends.large_batch), std::pair("small batch", ends.small_batch)}) {
    if (method.empty()) {
      throw Error(where, "not given, but recovery is measured between two methods: name both");
    }
    require_method(where, method, methods_of(all));
  }
}

std::vector<Recovered> recoveries(const records::Records& records, const Aggregate& all,
                                  const RecoveryEnds& ends,
                                  const std::vector<std::string>& metrics) {
  std::vector<Recovered> list;
  if (ends.large_batch.empty() || ends.small_batch.empty()) return list;
  for (const Section& section : all.sections) {
    if (!has_both(section, ends)) continue;
    const Row& large = *only_row(section, ends.large_batch);
    const Row& small = *only_row(section, ends.small_batch);
    for (const Row& row : section.rows) {
      if (&row == &large || &row == &small) continue;
      for (const Column& metric : metrics_of(section, metrics)) {
        list.push_back({&section, &row, metric,
                        recovery(row, large, small, metric, section.confidence),
                        published_recovery(records, row, large, small, metric)});
      }
    }
  }
  return list;
}

Page recovered(const records::Records& records, const Aggregate& all, const RecoveryEnds& ends,
               const std::vector<std::string>& metrics, bool explained) {
  if (ends.large_batch.empty() || ends.small_batch.empty()) return {};
  const std::vector<Recovered> list = recoveries(records, all, ends, metrics);
  Bullets sentences;
  if (explained) sentences.items = explanations(list);
  for (Text& note : notes_on_ends(all, ends, list)) sentences.items.push_back(std::move(note));
  if (list.empty() && sentences.items.empty()) return {};
  Page page{
      Heading{2, "Recovery"},
      Text(fmt::format(
          "(row - {0}) / ({1} - {0}) by seed, with its {4} interval (Fieller 1954). "
          "Undefined unless the denominator is {2:.4g} times as far from 0 as its interval is "
          "wide on either side, and where {1} is the worse of the two.{3}",
          ends.large_batch, ends.small_batch, surely_lost,
          any_published(list) ? " Published: the same of one source's numbers." : "",
          percent_text(all.confidence())))};
  append(page, tables_of(list, ends));
  if (!sentences.items.empty()) page.push_back(sentences);
  return page;
}

}  // namespace gapbench::compare
