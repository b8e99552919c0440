#include "compare/recoveries.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compare/findings.h"
#include "compare/markdown_table.h"
#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using BySeed = std::map<std::uint64_t, double>;

BySeed by_seed(const Row& row, const Measure& measure) {
  BySeed values;
  for (const run::Record* record : row.ok) {
    const auto value = measure(*record);
    if (value && std::isfinite(*value)) values[record->seed] = *value;
  }
  return values;
}

/// Over the seeds that all three have a number for.
Recovery recovery_of(const Row& row, const Row& large, const Row& small, const Measure& measure) {
  const BySeed theirs = by_seed(large, measure);
  const BySeed best = by_seed(small, measure);
  std::vector<double> method_values;
  std::vector<double> large_values;
  std::vector<double> small_values;
  for (const auto& [seed, value] : by_seed(row, measure)) {
    if (!theirs.contains(seed) || !best.contains(seed)) continue;
    method_values.push_back(value);
    large_values.push_back(theirs.at(seed));
    small_values.push_back(best.at(seed));
  }
  return recovery(method_values, large_values, small_values);
}

std::string cell_text(const Recovery& r) {
  if (!r.value) return "undefined";
  if (!r.interval) return fmt::format("{:.2f}", *r.value);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", *r.value, r.interval->low, r.interval->high);
}

/// Of all data sets: the columns of the table, and what stands below it.
struct Lines {
  Cells methods;
  Cells sections;
  Cells metrics;
  Cells counts;
  Cells values;
  std::string sentences;
};

void add_section(const Section& section, const RecoveryEnds& ends, bool explained, Lines& lines) {
  const Row* large = only_row(section, ends.large_batch);
  const Row* small = only_row(section, ends.small_batch);
  if (large == nullptr || small == nullptr) {
    lines.sentences +=
        fmt::format("- {}: no recovery, it needs exactly one row each of {} and {}.\n",
                    section.title, ends.large_batch, ends.small_batch);
    return;
  }
  for (const Row& row : section.rows) {
    if (&row == large || &row == small) continue;
    for (const Column& metric : metrics_of(section)) {
      const Recovery r = recovery_of(row, *large, *small, metric.measure);
      lines.methods.push_back(row.label);
      lines.sections.push_back(section.title);
      lines.metrics.push_back(metric.heading);
      lines.counts.push_back(std::to_string(r.n));
      lines.values.push_back(cell_text(r));
      if (!explained) continue;
      lines.sentences +=
          fmt::format("- {}, {}, {}: {}.\n", row.label, section.title, metric.heading, r.why);
    }
  }
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

std::string recovered(const Aggregate& all, const RecoveryEnds& ends, bool explained) {
  if (ends.large_batch.empty() || ends.small_batch.empty()) return "";
  Lines lines;
  for (const Section& section : all.sections) add_section(section, ends, explained, lines);
  if (lines.methods.empty() && lines.sentences.empty()) return "";
  std::string text = fmt::format(
      "## Recovery\n\n(row - {0}) / ({1} - {0}) by seed, with a 95 % bootstrap interval that is "
      "too "
      "narrow for few seeds (docs/statistics.md). Undefined where the interval of the denominator "
      "covers 0.\n\n",
      ends.large_batch, ends.small_batch);
  if (!lines.methods.empty()) {
    MarkdownTable table;
    table.add("Method", std::move(lines.methods));
    table.add("Data set", std::move(lines.sections));
    table.add("Metric", std::move(lines.metrics));
    table.add("Seeds", std::move(lines.counts));
    table.add("Recovery", std::move(lines.values));
    text += table.text() + "\n";
  }
  return lines.sentences.empty() ? text : text + lines.sentences + "\n";
}

}  // namespace gapbench::compare
