#include "compare/rows/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "compare/rows/grouping.h"
#include "compare/rows/looks.h"
#include "compare/rows/row_settings.h"
#include "compare/rows/selection.h"
#include "compare/rows/twins.h"

namespace gapbench::compare {
namespace {

using records::Record;

void describe(const OptionMap& shared_by_all, Section& section) {
  std::vector<const OptionMap*> maps;
  for (const Row& row : section.rows) maps.push_back(&row.settings);
  section.shared = in_common(maps);
  const std::vector<std::string> differing = keys_that_differ(maps);
  std::set<std::string> keys(differing.begin(), differing.end());
  for (const Row& row : section.rows) keys.insert(row.pooled.begin(), row.pooled.end());
  section.differing.assign(keys.begin(), keys.end());
  for (const auto& [key, value] : shared_by_all) section.shared.erase(key);
  label_rows(section);
}

/// The order of the suites' files; methods that no suite names come last.
std::size_t rank(const std::string& method, const records::Records& records) {
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

/// Whether the row holds nothing but trials that pass.
template <class Passes>
bool all_trials(const Row& row, Passes passes) {
  return std::ranges::all_of(row.ok, passes) && std::ranges::all_of(row.failed, passes);
}

void order_rows(const records::Records& records, const std::string& baseline, Section& section) {
  const auto key = [&](const Row& row) {
    const Record& any = row.ok.empty() ? *row.failed.front() : *row.ok.front();
    return std::tuple(row.method != baseline, rank(any.method, records));
  };
  std::stable_sort(section.rows.begin(), section.rows.end(),
                   [&](const Row& a, const Row& b) { return key(a) < key(b); });
}

/// The rows that hold nothing but trials of this method, or of the row of this name.
std::set<std::string> rows_of(const std::vector<Section>& sections, const std::string& name,
                              const std::vector<std::string>& rows) {
  std::set<std::string> names;
  for (const Section& section : sections) {
    for (const Row& row : section.rows) {
      const auto is_it = [&](const Record* r) {
        return r->method == name || (!rows.empty() && row_name(*r, rows) == name);
      };
      if (all_trials(row, is_it)) names.insert(row.method);
    }
  }
  return names;
}

std::string given_baseline(const std::string& given, const Aggregate& all,
                           const std::vector<std::string>& rows) {
  const std::vector<std::string> known = methods_of(all);
  if (std::ranges::find(known, given) != known.end()) return given;
  const std::set<std::string> named = rows_of(all.sections, given, rows);
  if (named.empty()) require_method("baseline", given, known);
  if (named.size() > 1) {
    throw Error("baseline", fmt::format("\"{}\" has several rows; name one of \"{}\"", given,
                                        fmt::join(named, "\", \"")));
  }
  return *named.begin();
}

void choose_baseline(const records::Records& records, const std::string& given,
                     const std::vector<std::string>& rows, Aggregate& all) {
  if (!given.empty()) {
    all.baseline = given_baseline(given, all, rows);
    return;
  }
  std::set<std::string> named;
  for (const auto& suite : records.suites) {
    named.merge(rows_of(all.sections, suite.baseline, rows));
  }
  if (named.size() == 1) all.baseline = *named.begin();
  if (named.size() > 1) all.baselines.assign(named.begin(), named.end());
}

/// Test accuracy where they say different ones.
std::string metric_of(const records::Records& records, const Section& section) {
  const std::set<std::string> suites = suites_of(section);
  std::set<std::string> named;
  for (const auto& suite : records.suites) {
    if (suites.contains(suite.name)) named.insert(suite.metric);
  }
  return named.size() == 1 ? *named.begin() : Section{}.metric;
}

/// Of the suites that add seeds until their claims are decided.
std::map<std::string, double> confidences_of(const records::Records& records) {
  std::map<std::string, double> found;
  for (const records::SuiteNote& suite : records.suites) {
    if (!suite.looks.at.empty()) found[suite.name] = confidence_of(suite.looks);
  }
  return found;
}

// Whether a trial without the number was measured like one with it: then it is not missing by plan.
bool share_measuring(const std::vector<const Record*>& with,
                     const std::vector<const Record*>& without) {
  return std::ranges::any_of(without, [&](const Record* one) {
    const OptionMap measured = measuring_only(one->settings);
    return std::ranges::any_of(
        with, [&](const Record* other) { return measuring_only(other->settings) == measured; });
  });
}

}  // namespace

std::vector<const Record*> distinct(const records::Records& records,
                                    std::vector<Duplicate>& dropped) {
  std::map<std::string, const Record*> seen;
  std::vector<const Record*> kept;
  std::vector<const Record*> doubles;
  for (const Record& record : records.good) {
    const auto [place, is_new] = seen.emplace(record.identity, &record);
    if (is_new) continue;
    const Record* other = &record;
    // A copy that finished says more than one that did not, whichever folder comes first.
    const auto is_ok = [](const Record* r) { return r->outcome.status == train::Status::ok; };
    if (is_ok(other) && !is_ok(place->second)) std::swap(other, place->second);
    doubles.push_back(other);
  }
  for (const Record& record : records.good) {
    if (seen.at(record.identity) == &record) kept.push_back(&record);
  }
  for (const Record* other : doubles) {
    const Record* const counted = seen.at(other->identity);
    dropped.push_back({counted, other, difference_of_copies(*counted, *other)});
  }
  return kept;
}

Aggregate aggregate(const records::Records& records, const std::string& baseline,
                    const std::vector<std::string>& group_by, At at, const Brackets& brackets,
                    const std::vector<std::string>& asked_rows) {
  Aggregate all;
  const std::vector<std::string> rows = row_settings(records, asked_rows);
  const std::vector<const Record*> kept = distinct(records, all.duplicates);
  std::vector<const OptionMap*> maps;
  for (const Record* record : kept) maps.push_back(&record->settings);
  all.shared = in_common(maps);
  const std::map<std::string, double> confidences = confidences_of(records);
  all.sections = group(kept, group_by, rows);
  choose_baseline(records, baseline, rows, all);
  for (Section& section : all.sections) {
    order_rows(records, all.baseline, section);
    describe(all.shared, section);
    section.metric = metric_of(records, section);
    for (const std::string& suite : suites_of(section)) {
      const auto asked = confidences.find(suite);
      if (asked != confidences.end()) {
        section.confidence = std::max(section.confidence, asked->second);
      }
    }
    for (Row& row : section.rows) {
      if (at != At::equal_train_loss) row.not_fitted = count_not_fitted(row);
      if (brackets.empty()) continue;
      for (const Record* record : row.ok) row.brackets.push_back(&brackets.at(record->folder));
    }
  }
  return all;
}

std::size_t count_not_fitted(const Row& row) {
  return static_cast<std::size_t>(std::count_if(row.ok.begin(), row.ok.end(), [](const Record* r) {
    const auto accuracy = r->outcome.final->train.accuracy;
    return accuracy && !(*accuracy >= fitted_train_accuracy);
  }));
}

double Aggregate::confidence() const {
  double highest = Section{}.confidence;
  for (const Section& section : sections) highest = std::max(highest, section.confidence);
  return highest;
}

std::set<std::string> suites_of(const Section& section) {
  std::set<std::string> suites;
  for (const Row& row : section.rows) {
    for (const auto* list : {&row.ok, &row.failed}) {
      for (const Record* record : *list) suites.insert(record->suite);
    }
  }
  return suites;
}

std::vector<std::string> methods_of(const Aggregate& all) {
  std::set<std::string> methods;
  for (const Section& section : all.sections) {
    for (const Row& row : section.rows) methods.insert(row.method);
  }
  return {methods.begin(), methods.end()};
}

const Row* only_row(const Section& section, const std::string& name) {
  const auto only = [&](const auto& is_it) -> std::optional<const Row*> {
    const auto& rows = section.rows;
    const auto found = std::find_if(rows.begin(), rows.end(), is_it);
    if (found == rows.end()) return std::nullopt;
    return std::any_of(found + 1, rows.end(), is_it) ? nullptr : &*found;
  };
  const auto of_method = [&](const Row& row) {
    return all_trials(row, [&](const Record* r) { return r->method == name; });
  };
  const auto named = only([&](const Row& row) { return row.method == name; });
  return named ? *named : only(of_method).value_or(nullptr);
}

const Record& any_record(const Section& section) {
  const Row& row = section.rows.front();
  return row.ok.empty() ? *row.failed.front() : *row.ok.front();
}

std::size_t Row::too_wide() const {
  return static_cast<std::size_t>(
      std::count_if(brackets.begin(), brackets.end(),
                    [](const Bracket* b) { return b->ratio() > widest_bracket; }));
}

std::optional<Statistic> over_seeds(const Row& row, const Measure& measure) {
  if (row.too_wide() > 0) return std::nullopt;
  std::vector<double> values;
  std::vector<const Record*> with;
  std::vector<const Record*> without;
  for (const Record* record : row.ok) {
    const auto value = measure(*record);
    (value ? with : without).push_back(record);
    if (value) values.push_back(*value);
  }
  if (values.empty() || share_measuring(with, without)) return std::nullopt;
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
