#include "compare/sections/slopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "compare/rows/by_seed.h"
#include "compare/rows/columns.h"
#include "compare/sections/cells.h"
#include "compare/statistics/sample.h"
#include "suite/language/rows.h"

namespace gapbench::compare {
namespace {

std::optional<double> number_of(const Row& row, const std::string& key) {
  const auto found = row.settings.find(key);
  if (found == row.settings.end()) return std::nullopt;
  if (const auto* real = std::get_if<double>(&found->second)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&found->second)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

/// The only number among the settings that make rows; nothing where there are several, or none.
std::optional<std::string> key_of(const Section& section) {
  std::vector<std::string> keys;
  for (const std::string& key : section.differing) {
    if (suite::can_be_row(key)) keys.push_back(key);
  }
  return keys.size() == 1 ? std::optional(keys.front()) : std::nullopt;
}

/// "sgd" of "sgd [network.width=8]".
std::string base_of(const std::string& method) { return method.substr(0, method.find(" [")); }

/// The rows of each method by their value of the key, in the order of the methods.
using Ladder = std::vector<std::pair<double, const Row*>>;
std::vector<std::pair<std::string, Ladder>> ladders(const Section& section,
                                                    const std::string& key) {
  std::vector<std::pair<std::string, Ladder>> all;
  for (const Row& row : section.rows) {
    const auto value = number_of(row, key);
    if (!value || !(*value > 0)) continue;
    const std::string method = base_of(row.method);
    auto found = std::ranges::find(all, method, &std::pair<std::string, Ladder>::first);
    if (found == all.end()) found = all.insert(all.end(), {method, {}});
    found->second.emplace_back(*value, &row);
  }
  std::erase_if(all, [](auto& entry) {
    Ladder& rows = entry.second;
    std::ranges::sort(rows, {}, &std::pair<double, const Row*>::first);
    const auto same = std::ranges::adjacent_find(rows, {}, &std::pair<double, const Row*>::first);
    return rows.size() < 3 || same != rows.end();
  });
  return all;
}

std::vector<Column> columns(const Section& section, const std::vector<std::string>& metrics) {
  std::vector<Column> all = columns_of(section, metrics);
  std::erase_if(all, [](const Column& c) { return c.is_cost || c.name.starts_with("probe."); });
  for (Column& probe : probe_columns_of(section)) {
    if (metrics.empty() || std::ranges::find(metrics, probe.name) != metrics.end()) {
      all.push_back(std::move(probe));
    }
  }
  return all;
}

/// One a seed that every row has: of another there are too few numbers for a line.
std::vector<double> slopes_by_seed(const Ladder& rows, const Column& column) {
  std::vector<double> x;
  std::map<std::uint64_t, std::vector<double>> y;
  for (const auto& [value, row] : rows) {
    x.push_back(value);
    for (const auto& [seed, number] : by_seed(*row, column.measure)) y[seed].push_back(number);
  }
  std::vector<double> slopes;
  for (const auto& [seed, numbers] : y) {
    if (const auto slope = log_slope(x, numbers)) slopes.push_back(*slope);
  }
  return slopes;
}

}  // namespace

std::optional<double> log_slope(const std::vector<double>& x, const std::vector<double>& y) {
  const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
  if (x.size() != y.size() || !std::ranges::all_of(x, positive) ||
      !std::ranges::all_of(y, positive)) {
    return std::nullopt;
  }
  const auto n = static_cast<double>(x.size());
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += std::log(x[i]) / n;
    mean_y += std::log(y[i]) / n;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = std::log(x[i]) - mean_x;
    xx += dx * dx;
    xy += dx * (std::log(y[i]) - mean_y);
  }
  return xx > 0 ? std::optional(xy / xx) : std::nullopt;
}

std::vector<Slope> slopes_of(const Section& section, const std::vector<std::string>& metrics) {
  const auto key = key_of(section);
  if (!key) return {};
  std::vector<Slope> all;
  for (const auto& [method, rows] : ladders(section, *key)) {
    for (const Column& column : columns(section, metrics)) {
      const std::vector<double> slopes = slopes_by_seed(rows, column);
      if (slopes.empty()) continue;
      Slope slope{method, *key, column.name, column.heading, rows.size(), slopes.size()};
      slope.mean = summary(slopes).mean;
      if (has_spread(slopes)) slope.interval = t_interval(slopes);
      all.push_back(std::move(slope));
    }
  }
  return all;
}

Page slope_table(const Section& section, const std::vector<std::string>& metrics) {
  const std::vector<Slope> slopes = slopes_of(section, metrics);
  if (slopes.empty()) return {};
  const std::string& key = slopes.front().key;
  Table table(fmt::format("{}: slopes in logarithms against {}", section.title, key));
  Cells methods, names, values, seeds, means;
  for (const Slope& s : slopes) {
    methods.emplace_back(s.method);
    names.emplace_back(s.heading);
    values.push_back(ordered(std::to_string(s.values), static_cast<double>(s.values)));
    seeds.push_back(ordered(std::to_string(s.seeds), static_cast<double>(s.seeds)));
    means.push_back(ordered(difference_text(Statistic{s.mean, 0, s.seeds}, s.interval), s.mean));
  }
  table.add(fmt::format("Against {}", key), std::move(methods));
  table.add("Metric", std::move(names));
  table.add("Values", std::move(values));
  table.add("Seeds", std::move(seeds));
  table.add("d log metric / d log value", std::move(means));
  return {table,
          Text("A line in logarithms for each seed that has every row, by least squares: the "
               "mean of their slopes with its 95 % t interval over seeds. It tells of these "
               "values, and a power law may be none.")};
}

}  // namespace gapbench::compare
