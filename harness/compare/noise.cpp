#include "compare/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "compare/rows/aggregate.h"
#include "compare/rows/columns.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/sample.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// The two runs of one trial.
struct Pair {
  const Record* once;
  const Record* again;
};

std::vector<Pair> pairs_of(const Row& row, const records::Records& again) {
  std::map<std::string, const Record*> second;
  for (const Record& record : again.good) second.emplace(record.identity, &record);
  std::vector<Pair> pairs;
  for (const Record* record : row.ok) {
    const auto found = second.find(record->identity);
    const bool both = found != second.end() && found->second->outcome.status == train::Status::ok;
    if (both) pairs.push_back({record, found->second});
  }
  return pairs;
}

std::vector<double> values_of(const Row& row, const Column& column) {
  std::vector<double> values;
  for (const Record* record : row.ok) {
    if (const auto value = column.measure(*record)) values.push_back(*value);
  }
  return values;
}

std::string metric_line(const Row& row, const Column& column) {
  const std::vector<double> values = values_of(row, column);
  if (values.empty()) return "";
  if (values.size() < 2) {
    return fmt::format("| {} | {:.4g} | – | – |\n", column.heading, values.front());
  }
  const Statistic s = summary(values);
  return fmt::format("| {} | {:.4g} | {:.2g} | {:.2g} |\n", column.heading, s.mean, s.deviation,
                     noise_floor(values));
}

/// |a - b| over their mean; nothing where both are 0.
std::optional<double> relative(double a, double b) {
  const double middle = (a + b) / 2;
  return middle > 0 ? std::optional(std::abs(a - b) / middle) : std::nullopt;
}

std::string cost_line(const std::vector<Pair>& pairs, const Column& column) {
  std::vector<double> shares;
  std::vector<double> values;
  for (const Pair& pair : pairs) {
    const auto a = column.measure(*pair.once);
    const auto b = column.measure(*pair.again);
    if (!a || !b) continue;
    values.push_back(*a);
    if (const auto share = relative(*a, *b)) shares.push_back(*share);
  }
  if (shares.empty()) return "";
  return fmt::format("| {} | {:.4g} | {:.2f} % | {:.2f} % |\n", column.heading,
                     summary(values).mean, 100 * summary(shares).mean,
                     100 * *std::ranges::max_element(shares));
}

std::string differing_bits(const std::vector<Pair>& pairs, const std::vector<Column>& columns) {
  std::string text;
  for (const Pair& pair : pairs) {
    for (const Column& column : columns) {
      if (column.is_cost || column.measure(*pair.once) == column.measure(*pair.again)) continue;
      text += fmt::format("seed {}: {} differs between the two runs: the same bits were due\n",
                          pair.once->seed, column.heading);
    }
  }
  return text;
}

std::string section_text(const Section& section, const records::Records& again) {
  std::string text;
  const std::vector<Column> columns = columns_of(section);
  for (const Row& row : section.rows) {
    const std::vector<Pair> pairs = pairs_of(row, again);
    text += fmt::format("{}: {}, {} seeds, {} run twice", section.title, row.label, row.ok.size(),
                        pairs.size());
    if (!row.failed.empty()) text += fmt::format("; {} failed", row.failed.size());
    text += fmt::format(
        "\n\n| Metric | Mean | ± over seeds | Floor of two means of {} |\n"
        "|:---|---:|---:|---:|\n",
        row.ok.size());
    for (const Column& column : columns) {
      if (!column.is_cost) text += metric_line(row, column);
    }
    text += "\n| Cost | Mean | Between two runs, mean | Largest |\n|:---|---:|---:|---:|\n";
    for (const Column& column : columns) {
      if (column.is_cost) text += cost_line(pairs, column);
    }
    text += "\n" + differing_bits(pairs, columns);
  }
  return text;
}

}  // namespace

double noise_floor(std::span<const double> values) {
  const Statistic s = summary(values);
  constexpr double confidence = 0.95;
  return t_quantile(2 * s.n - 1, confidence) * s.deviation *
         std::sqrt(2 / static_cast<double>(s.n));
}

std::string noise_text(const records::Records& once, const records::Records& again) {
  std::string text;
  for (const Section& section : aggregate(once, "").sections) {
    text += section_text(section, again);
  }
  return text;
}

}  // namespace gapbench::compare
