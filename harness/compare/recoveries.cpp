#include "compare/recoveries.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compare/findings.h"
#include "compare/published.h"
#include "compare/statistics/sample.h"
#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using BySeed = std::map<std::uint64_t, double>;

BySeed by_seed(const Row& row, const Measure& measure) {
  if (row.seeds_repeat) return {};
  BySeed values;
  for (const run::Record* record : row.ok) {
    const auto value = measure(*record);
    if (value && std::isfinite(*value)) values[record->seed] = *value;
  }
  return values;
}

bool is_worse(double a, double b, Better better) {
  return (better == Better::higher && a < b) || (better == Better::lower && a > b);
}

/// Over the seeds that all three have a number for.
Recovery recovery_of(const Row& row, const Row& large, const Row& small, const Column& metric) {
  const BySeed theirs = by_seed(large, metric.measure);
  const BySeed best = by_seed(small, metric.measure);
  std::vector<double> method_values;
  std::vector<double> large_values;
  std::vector<double> small_values;
  for (const auto& [seed, value] : by_seed(row, metric.measure)) {
    if (!theirs.contains(seed) || !best.contains(seed)) continue;
    method_values.push_back(value);
    large_values.push_back(theirs.at(seed));
    small_values.push_back(best.at(seed));
  }
  Recovery result = recovery(method_values, large_values, small_values);
  if (!result.value) return result;
  const double without = summary(large_values).mean;
  const double full = summary(small_values).mean;
  if (!is_worse(full, without, metric.better)) return result;
  result.value.reset();
  result.interval.reset();
  result.why = fmt::format(
      "undefined: the small batch is worse than the large one ({:.4g} against {:.4g}), nothing was "
      "lost",
      full, without);
  return result;
}

std::optional<double> published_recovery(const run::Records& records, const Row& row,
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

Table table_of(const std::vector<Recovered>& list, const RecoveryEnds& ends) {
  Cells methods;
  Cells sections;
  Cells metrics;
  Cells counts;
  Cells values;
  Cells published;
  for (const Recovered& r : list) {
    methods.push_back(r.row->label);
    sections.push_back(r.section->title);
    metrics.push_back(r.metric.heading);
    counts.push_back(std::to_string(r.recovery.n));
    values.push_back(cell_text(r.recovery));
    values.back().order = r.recovery.value;
    published.push_back(r.published ? fmt::format("{:.2f}", *r.published) : "–");
    published.back().order = r.published;
  }
  Table table(fmt::format("Recovery: 0 is {}, 1 is {}", ends.large_batch, ends.small_batch));
  table.add("Method", std::move(methods));
  table.add("Data set", std::move(sections));
  table.add("Metric", std::move(metrics));
  table.add("Seeds", std::move(counts));
  table.add("Recovery", std::move(values));
  if (any_published(list)) {
    table.add("Published", std::move(published));
  }
  return table;
}

}  // namespace

void require_ends(const Aggregate& all, const RecoveryEnds& ends) {
  if (ends.large_batch.empty() && ends.small_batch.empty()) return;
  std::set<std::string> methods;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) methods.insert(row.method);
  }
  const std::vector<std::string> valid(methods.begin(), methods.end());
  for (const auto& [where, method] :
       {std::pair("large batch", ends.large_batch), std::pair("small batch", ends.small_batch)}) {
    if (methods.contains(method)) continue;
    if (method.empty()) {
      throw Error(where, "not given, but recovery is measured between two methods: name both");
    }
    throw Error(where, fmt::format("no method \"{}\" in these records{}", method,
                                   did_you_mean(method, valid)));
  }
}

std::vector<Recovered> recoveries(const run::Records& records, const Aggregate& all,
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
        list.push_back({&section, &row, metric, recovery_of(row, large, small, metric),
                        published_recovery(records, row, large, small, metric)});
      }
    }
  }
  return list;
}

Page recovered(const run::Records& records, const Aggregate& all, const RecoveryEnds& ends,
               const std::vector<std::string>& metrics, bool explained) {
  if (ends.large_batch.empty() || ends.small_batch.empty()) return {};
  const std::vector<Recovered> list = recoveries(records, all, ends, metrics);
  Bullets sentences;
  for (const Recovered& r : list) {
    if (!explained) break;
    sentences.items.push_back(fmt::format("{}, {}, {}: {}.", r.row->label, r.section->title,
                                          r.metric.heading, r.recovery.why));
  }
  for (const Section& section : all.sections) {
    if (has_both(section, ends)) continue;
    sentences.items.push_back(
        fmt::format("{}: no recovery, it needs exactly one row each of {} and {}.", section.title,
                    ends.large_batch, ends.small_batch));
  }
  if (list.empty() && sentences.items.empty()) return {};
  Page page{Heading{2, "Recovery"},
            Text(fmt::format(
                "(row - {0}) / ({1} - {0}) by seed, with a 95 % bootstrap interval that is too "
                "narrow for few seeds (docs/statistics.md). Undefined where the interval of the "
                "denominator covers 0, and where {1} is the worse of the two.{2}",
                ends.large_batch, ends.small_batch,
                any_published(list) ? " Published: the same of one source's numbers." : ""))};
  if (!list.empty()) page.push_back(table_of(list, ends));
  if (!sentences.items.empty()) page.push_back(sentences);
  return page;
}

}  // namespace gapbench::compare
