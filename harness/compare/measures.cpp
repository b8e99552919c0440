#include "compare/measures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "compare/rows/aggregate.h"
#include "compare/rows/drawn.h"
#include "compare/rows/twins.h"
#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using records::Record;
using Group = std::vector<const Record*>;

/// What makes two networks two: not how they were measured or chosen, nor what follows from the rest.
bool is_axis(const std::string& key) {
  return !is_measuring(key) && !key.starts_with("tun") && !key.ends_with("revision") &&
         key != "data.checksum";
}

std::optional<OptionValue> value_of(const Record& record, const std::string& key) {
  const auto found = record.settings.find(key);
  return found == record.settings.end() ? std::nullopt : std::optional(found->second);
}

/// For each record its level: the rank of its value among those there are.
std::vector<std::size_t> levels_of(const Group& group, const std::string& key) {
  std::set<std::optional<OptionValue>> values;
  for (const Record* r : group) values.insert(value_of(*r, key));
  std::vector<std::size_t> levels;
  for (const Record* r : group) {
    const auto at = values.find(value_of(*r, key));
    levels.push_back(static_cast<std::size_t>(std::distance(values.begin(), at)));
  }
  return levels;
}

/// The same whatever the levels are called: each is named by where it comes first.
std::vector<std::size_t> partition(const std::vector<std::size_t>& levels) {
  std::map<std::size_t, std::size_t> first;
  std::vector<std::size_t> names;
  for (const std::size_t level : levels)
    names.push_back(first.emplace(level, first.size()).first->second);
  return names;
}

struct Axes {
  std::vector<std::string> names;
  std::vector<std::vector<std::size_t>> levels;  ///< [axis][record]

  std::vector<std::size_t> of(std::size_t record) const {
    std::vector<std::size_t> at;
    for (const auto& axis : levels) at.push_back(axis[record]);
    return at;
  }
};

Axes axes_of(const Group& group) {
  std::set<std::string> keys;
  for (const Record* r : group) {
    for (const auto& [key, value] : r->settings) keys.insert(key);
  }
  Axes axes;
  std::set<std::vector<std::size_t>> known;
  for (const std::string& key : keys) {
    const std::vector<std::size_t> levels = levels_of(group, key);
    const bool differs = std::ranges::any_of(levels, [](std::size_t l) { return l > 0; });
    if (!is_axis(key) || !differs || !known.insert(partition(levels)).second) continue;
    axes.names.push_back(key);
    axes.levels.push_back(levels);
  }
  return axes;
}

std::map<std::string, double> measures_of(const Record& record) {
  std::map<std::string, double> found;
  for (const train::ProbeValue& p : record.outcome.final->probes) {
    if (!is_drawn(p)) found[p.probe + "." + p.metric] = p.value;
  }
  found["parameters"] = static_cast<double>(record.outcome.dimension);
  found["steps"] = static_cast<double>(record.outcome.step);
  found["train_loss"] = record.outcome.final->train.loss;
  return found;
}

std::optional<double> gap_of(const Record& record, Gap gap) {
  const train::Evaluation& e = *record.outcome.final;
  return gap == Gap::error ? error_gap(e) : loss_gap(e);
}

/// Of one seed's networks.
void rank(const std::vector<Ranked>& networks, std::optional<double> test_examples,
          std::uint64_t seed, MeasureRow& row) {
  if (networks.size() < 3) return;
  if (const auto tau = kendall_tau(networks)) row.tau[seed] = *tau;
  const auto by_axis = granulated(networks);
  for (std::size_t a = 0; a < by_axis.size(); ++a) {
    if (by_axis[a]) row.by_axis[a][seed] = *by_axis[a];
  }
  if (const auto mean = mean_of(by_axis)) row.granulated[seed] = *mean;
  if (const auto share = conditional_information(networks)) row.information[seed] = *share;
  if (const auto errors = sign_errors(networks, test_examples)) row.errors[seed] = *errors;
}

MeasureRow row_of(const std::string& measure, const Group& group, const Axes& axes, Gap gap) {
  MeasureRow row;
  row.measure = measure;
  row.by_axis.resize(axes.names.size());
  std::map<std::uint64_t, std::vector<Ranked>> by_seed;
  std::optional<double> examples;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const auto values = measures_of(*group[i]);
    const auto value = values.find(measure);
    const auto its_gap = gap_of(*group[i], gap);
    if (value == values.end() || !std::isfinite(value->second) || !its_gap) {
      ++row.lacking;
      continue;
    }
    by_seed[group[i]->seed].push_back({axes.of(i), value->second, *its_gap});
    if (gap == Gap::error) {
      examples = static_cast<double>(group[i]->outcome.final->test->examples);
    }
  }
  for (const auto& [seed, networks] : by_seed) rank(networks, examples, seed, row);
  return row;
}

double size_of(const MeasureRow& row) {
  const auto all = over_seeds(row.granulated);
  return all ? std::abs(all->mean) : -1;
}

Measured measure_all(const std::string& dataset, const Group& group, Gap gap,
                     const std::set<std::string>& names) {
  Measured all;
  all.dataset = dataset;
  all.networks = group.size();
  const Axes axes = axes_of(group);
  all.axes = axes.names;
  all.lowest_train_loss = all.highest_train_loss = group.front()->outcome.final->train.loss;
  for (const Record* r : group) {
    ++all.by_seed[r->seed];
    all.lowest_train_loss = std::min(all.lowest_train_loss, r->outcome.final->train.loss);
    all.highest_train_loss = std::max(all.highest_train_loss, r->outcome.final->train.loss);
  }
  for (const std::string& name : names) all.rows.push_back(row_of(name, group, axes, gap));
  std::ranges::stable_sort(all.rows, std::greater<>(), size_of);
  return all;
}

bool counts(const Record& record) {
  return record.outcome.status == train::Status::ok && record.outcome.final &&
         record.outcome.final->test;
}

}  // namespace

std::optional<OverSeeds> over_seeds(const std::map<std::uint64_t, double>& values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> all;
  for (const auto& [seed, value] : values) all.push_back(value);
  const double sum = std::accumulate(all.begin(), all.end(), 0.0);
  return OverSeeds{sum / static_cast<double>(all.size()), t_interval(all)};
}

std::vector<Measured> measured(const records::Records& records, Gap gap,
                               const std::vector<std::string>& only) {
  std::map<std::string, Group> groups;
  std::map<std::string, std::size_t> failed;
  std::set<std::string> known;
  std::vector<Duplicate> dropped;
  for (const Record* r : distinct(records, dropped)) {
    if (!counts(*r)) {
      ++failed[r->dataset];
      continue;
    }
    groups[r->dataset].push_back(r);
    for (const auto& [name, value] : measures_of(*r)) known.insert(name);
  }
  const std::vector<std::string> valid(known.begin(), known.end());
  for (const std::string& name : only) {
    if (known.contains(name)) continue;
    throw Error("--metric",
                fmt::format("no trial has a measure \"{}\"{}", name, did_you_mean(name, valid)));
  }
  const std::set<std::string> names = only.empty() ? known : std::set(only.begin(), only.end());
  std::vector<Measured> all;
  for (const auto& [dataset, group] : groups) {
    if (group.size() < 3) continue;
    all.push_back(measure_all(dataset, group, gap, names));
    all.back().failed = failed[dataset];
  }
  if (all.empty()) throw Error("measures", "no data set has three finished trials to rank");
  return all;
}

}  // namespace gapbench::compare
