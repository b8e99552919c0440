#include "compare/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "core/nearest.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

using run::Record;

/// NaN equals NaN here: both trials ended the same way.
bool same_number(double a, double b) { return a == b || (a != a && b != b); }

bool same_part(const train::PartMetrics& a, const train::PartMetrics& b) {
  return same_number(a.loss, b.loss) && a.accuracy == b.accuracy;
}

bool same_result(const Record& a, const Record& b) {
  if (a.outcome.status != b.outcome.status) return false;
  const auto& x = a.outcome.final;
  const auto& y = b.outcome.final;
  if (!x || !y) return x.has_value() == y.has_value();
  if (!same_part(x->train, y->train)) return false;
  if (!x->test || !y->test) return x->test.has_value() == y->test.has_value();
  return same_part(*x->test, *y->test);
}

/// The records that count, one for each identity: the first by folder.
std::vector<const Record*> distinct(const run::Records& records, std::vector<Duplicate>& dropped) {
  std::map<std::string, const Record*> seen;
  std::vector<const Record*> kept;
  for (const Record& record : records.good) {
    const auto [place, is_new] = seen.emplace(record.identity, &record);
    if (is_new) {
      kept.push_back(&record);
    } else {
      dropped.push_back({place->second, &record, same_result(*place->second, record)});
    }
  }
  return kept;
}

/// Keys with one value in all maps, a missing key being a value of its own.
OptionMap in_common(const std::vector<const OptionMap*>& maps) {
  OptionMap common = maps.empty() ? OptionMap() : *maps.front();
  for (const OptionMap* map : maps) {
    std::erase_if(common, [map](const auto& entry) {
      const auto found = map->find(entry.first);
      return found == map->end() || found->second != entry.second;
    });
  }
  return common;
}

std::vector<std::string> keys_that_differ(const std::vector<const OptionMap*>& maps) {
  const OptionMap common = in_common(maps);
  std::set<std::string> keys;
  for (const OptionMap* map : maps) {
    for (const auto& [key, value] : *map) {
      if (!common.contains(key)) keys.insert(key);
    }
  }
  return {keys.begin(), keys.end()};
}

std::vector<const OptionMap*> settings_of(const std::vector<const Row*>& rows) {
  std::vector<const OptionMap*> maps;
  for (const Row* row : rows) maps.push_back(&row->settings);
  return maps;
}

/// "k=v, l=w" for the keys that the map has.
std::string listed(const std::vector<std::string>& keys, const OptionMap& settings) {
  std::vector<std::string> parts;
  for (const std::string& key : keys) {
    const auto found = settings.find(key);
    if (found == settings.end()) continue;
    parts.push_back(fmt::format("{}={:.20}", key, gapbench::to_text(found->second)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string with_settings(const std::string& name, const std::string& settings) {
  return settings.empty() ? name : fmt::format("{} [{}]", name, settings);
}

/// "sgd", or "sgd [batch=64]" where another row is an sgd too.
void label_rows(Section& section) {
  std::map<std::string, std::vector<const Row*>> named;
  for (const Row& row : section.rows) named[row.method].push_back(&row);
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& [method, rows] : named) keys[method] = keys_that_differ(settings_of(rows));
  for (Row& row : section.rows) {
    row.label = with_settings(row.method, listed(keys[row.method], row.settings));
  }
}

/// What is trained, as opposed to how: settings of the data set, the network and the problem.
OptionMap problem_settings(const OptionMap& settings) {
  OptionMap problem;
  for (const auto& [key, value] : settings) {
    const std::string family = key.substr(0, key.find('.'));
    for (const char* ours : {"dataset", "data", "network", "problem"}) {
      if (family == ours) problem[key] = value;
    }
  }
  return problem;
}

/// A seed that decides nothing must not pass for a repetition.
bool seeds_agree(const Row& row) {
  return row.ok.size() > 1 && std::all_of(row.ok.begin(), row.ok.end(), [&](const Record* r) {
           return same_result(*r, *row.ok.front());
         });
}

using SectionName = std::string;
using Groups = std::map<SectionName, std::map<OptionMap, Section>>;

/// "cifar10, cnn3 [data.train=2000]" where another section is on cifar10 with cnn3 too.
std::vector<Section> titled(Groups groups) {
  std::vector<Section> sections;
  for (auto& [name, variants] : groups) {
    std::vector<const OptionMap*> maps;
    for (const auto& [settings, section] : variants) maps.push_back(&settings);
    const std::vector<std::string> keys = keys_that_differ(maps);
    for (auto& [settings, section] : variants) {
      section.title = with_settings(name, listed(keys, settings));
      sections.push_back(std::move(section));
    }
  }
  return sections;
}

std::vector<Section> group(const std::vector<const Record*>& records) {
  using RowKey = std::pair<std::string, OptionMap>;
  std::map<SectionName, std::map<OptionMap, std::map<RowKey, Row>>> rows;
  for (const Record* record : records) {
    const SectionName name = record->network.empty()
                                 ? record->dataset
                                 : fmt::format("{}, {}", record->dataset, record->network);
    Row& row = rows[name][problem_settings(record->settings)][{record->method, record->settings}];
    row.method = record->method;
    row.settings = record->settings;
    const bool ok = record->outcome.status == train::Status::ok;
    (ok ? row.ok : row.failed).push_back(record);
  }
  Groups groups;
  for (auto& [name, variants] : rows) {
    for (auto& [settings, of_section] : variants) {
      auto& section = groups[name][settings];
      for (auto& [key, row] : of_section) {
        row.seeds_agree = seeds_agree(row);
        section.rows.push_back(std::move(row));
      }
    }
  }
  return titled(std::move(groups));
}

void describe(const OptionMap& shared_by_all, Section& section) {
  std::vector<const OptionMap*> maps;
  for (const Row& row : section.rows) maps.push_back(&row.settings);
  section.shared = in_common(maps);
  section.differing = keys_that_differ(maps);
  for (const auto& [key, value] : shared_by_all) section.shared.erase(key);
  label_rows(section);
}

/// The order of the suites' files; methods that no suite names come last.
std::size_t rank(const std::string& method, const run::Records& records) {
  std::size_t place = 0;
  for (const auto& suite : records.suites) {
    const auto found = std::find(suite.methods.begin(), suite.methods.end(), method);
    if (found != suite.methods.end()) {
      return place + static_cast<std::size_t>(found - suite.methods.begin());
    }
    place += suite.methods.size();
  }
  return place;
}

void order_rows(const run::Records& records, const std::string& baseline, Section& section) {
  const auto key = [&](const Row& row) {
    return std::tuple(row.method != baseline, rank(row.method, records));
  };
  std::stable_sort(section.rows.begin(), section.rows.end(),
                   [&](const Row& a, const Row& b) { return key(a) < key(b); });
}

void choose_baseline(const run::Records& records, const std::string& given, Aggregate& all) {
  std::set<std::string> methods;
  for (const Record& record : records.good) methods.insert(record.method);
  if (!given.empty()) {
    const std::vector<std::string> valid(methods.begin(), methods.end());
    if (!methods.contains(given)) {
      throw Error("baseline", fmt::format("no method \"{}\" in these records{}", given,
                                          did_you_mean(given, valid)));
    }
    all.baseline = given;
    return;
  }
  std::set<std::string> named;
  for (const auto& suite : records.suites) {
    if (methods.contains(suite.baseline)) named.insert(suite.baseline);
  }
  if (named.size() == 1) all.baseline = *named.begin();
  if (named.size() > 1) all.baselines.assign(named.begin(), named.end());
}

}  // namespace

Aggregate aggregate(const run::Records& records, const std::string& baseline) {
  Aggregate all;
  choose_baseline(records, baseline, all);
  const std::vector<const Record*> kept = distinct(records, all.duplicates);
  std::vector<const OptionMap*> maps;
  for (const Record* record : kept) maps.push_back(&record->settings);
  all.shared = in_common(maps);
  all.sections = group(kept);
  for (Section& section : all.sections) {
    order_rows(records, all.baseline, section);
    describe(all.shared, section);
  }
  return all;
}

std::optional<Statistic> over_seeds(const Row& row, const Measure& measure) {
  std::vector<double> values;
  for (const Record* record : row.ok) {
    const auto value = measure(*record);
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  if (row.seeds_agree && std::equal(values.begin() + 1, values.end(), values.begin())) {
    values.resize(1);
  }
  return statistic(values);
}

std::optional<double> loss_gap(const train::Evaluation& e) {
  if (!e.test) return std::nullopt;
  return e.test->loss - e.train.loss;
}

std::optional<double> error_gap(const train::Evaluation& e) {
  if (!e.test || !e.test->accuracy || !e.train.accuracy) return std::nullopt;
  return *e.train.accuracy - *e.test->accuracy;
}

}  // namespace gapbench::compare
