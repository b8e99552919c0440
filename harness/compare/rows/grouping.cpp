#include "compare/rows/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "compare/rows/row_settings.h"
#include "compare/rows/twins.h"
#include "core/nearest.h"
#include "gapbench/error.h"
#include "train/draws.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// "k=v, l=w" for the keys that the map has, each value in the words of `text`.
template <class Text>
std::string listed(const std::vector<std::string>& keys, const OptionMap& settings, Text text) {
  std::vector<std::string> parts;
  for (const std::string& key : keys) {
    const auto found = settings.find(key);
    if (found == settings.end()) continue;
    parts.push_back(fmt::format("{}={}", key, text(key, found->second)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string with_settings(const std::string& name, const std::string& settings) {
  return settings.empty() ? name : fmt::format("{} [{}]", name, settings);
}

bool seeds_agree(const Row& row) {
  return row.ok.size() > 1 && std::all_of(row.ok.begin(), row.ok.end(), [&](const Record* r) {
           return same_result(*r, *row.ok.front());
         });
}

bool seeds_repeat(const Row& row) {
  std::set<std::uint64_t> seeds;
  return std::any_of(row.ok.begin(), row.ok.end(),
                     [&](const Record* r) { return !seeds.insert(r->seed).second; });
}

/// Nothing where the trial has no such setting.
std::optional<OptionValue> value_of(const Record& record, const std::string& key) {
  if (key == "suite") return record.suite;
  if (key == "dataset") return record.dataset;
  if (key == "network") return record.network;
  if (key == "method") return record.method;
  const auto found = record.settings.find(key);
  if (found == record.settings.end()) return std::nullopt;
  return found->second;
}

/// The method with all settings, or the values that were asked for.
using RowKey = std::tuple<std::string, std::vector<std::optional<OptionValue>>, OptionMap>;

RowKey row_key(const Record& record, const std::vector<std::string>& keys,
               const std::vector<std::string>& rows) {
  if (keys.empty()) return {row_name(record, rows), {}, without_measuring(record.settings)};
  std::vector<std::optional<OptionValue>> values;
  for (const std::string& key : keys) values.push_back(value_of(record, key));
  return {"", std::move(values), {}};
}

/// "sgd, 128"; a value that needs its name has it: "sgd, batch=128".
std::string group_name(const std::vector<std::string>& keys,
                       const std::vector<std::optional<OptionValue>>& values) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string text = values[i] ? gapbench::to_text(*values[i]) : "none";
    const bool speaks = values[i] && std::holds_alternative<std::string>(*values[i]);
    parts.push_back(speaks ? text : fmt::format("{}={}", keys[i], text));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void require_keys(const std::vector<const Record*>& records, const std::vector<std::string>& keys) {
  std::set<std::string> known{"suite", "dataset", "network", "method"};
  for (const Record* record : records) {
    for (const auto& [key, value] : record->settings) known.insert(key);
  }
  const std::vector<std::string> valid(known.begin(), known.end());
  for (const std::string& key : keys) {
    if (known.contains(key)) continue;
    throw Error("group by",
                fmt::format("no trial has a setting \"{}\"{}", key, did_you_mean(key, valid)));
  }
}

/// 0 for a number, and where the row's trials do not agree.
std::uint64_t seeds_per_draw(const OptionMap& settings) {
  const auto found = settings.find("data.split_seed");
  if (found == settings.end()) return 0;
  const auto* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? 0 : train::seeds_per_draw_of(*text).value_or(0);
}

void finish(Row& row) {
  std::vector<const OptionMap*> maps;
  for (const auto* list : {&row.ok, &row.failed}) {
    for (const Record* record : *list) maps.push_back(&record->settings);
  }
  const bool alike = std::all_of(maps.begin(), maps.end(),
                                 [&](const OptionMap* m) { return *m == *maps.front(); });
  row.settings = alike ? *maps.front() : in_common(maps);
  if (!alike) row.pooled = keys_that_differ(maps);
  std::erase_if(row.pooled, is_measuring);
  row.seeds_per_draw = seeds_per_draw(row.settings);
  row.seeds_repeat = seeds_repeat(row);
  row.seeds_agree = seeds_agree(row);
}

using Groups = std::map<std::string, std::map<OptionMap, Section>>;

/// The keys that differ; without the checksum, which tells nobody anything, where the others do.
std::vector<std::string> telling_keys(const std::vector<const OptionMap*>& maps) {
  std::vector<std::string> keys = keys_that_differ(maps);
  std::vector<std::string> others = keys;
  std::erase(others, "data.checksum");
  std::set<std::string> texts;
  for (const OptionMap* map : maps) texts.insert(listed(others, *map, setting_text));
  return texts.size() == maps.size() ? others : keys;
}

/// In the order of what tells them apart: not of a checksum where nobody reads one.
using Variant = std::pair<const OptionMap, Section>;
std::vector<Variant*> in_order(std::map<OptionMap, Section>& variants,
                               const std::vector<std::string>& keys) {
  std::vector<Variant*> order;
  for (Variant& variant : variants) order.push_back(&variant);
  const auto values = [&keys](const Variant* variant) {
    std::vector<std::optional<OptionValue>> all;
    for (const std::string& key : keys) {
      const auto found = variant->first.find(key);
      all.push_back(found == variant->first.end() ? std::nullopt : std::optional(found->second));
    }
    return all;
  };
  std::ranges::stable_sort(order, {}, values);
  return order;
}

/// "cifar10, cnn3 [data.train=2000]" where another section is on cifar10 with cnn3 too.
std::vector<Section> titled(Groups groups) {
  std::vector<Section> sections;
  for (auto& [name, variants] : groups) {
    std::vector<const OptionMap*> maps;
    for (const auto& [settings, section] : variants) maps.push_back(&settings);
    const std::vector<std::string> keys = telling_keys(maps);
    for (Variant* variant : in_order(variants, keys)) {
      variant->second.title = with_settings(name, listed(keys, variant->first, setting_text));
      sections.push_back(std::move(variant->second));
    }
  }
  return sections;
}

}  // namespace

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

void label_rows(Section& section) {
  const auto short_text = [](const std::string&, const OptionValue& value) {
    return fmt::format("{:.20}", gapbench::to_text(value));
  };
  std::map<std::string, std::vector<const OptionMap*>> named;
  for (const Row& row : section.rows) named[row.method].push_back(&row.settings);
  std::map<std::string, std::vector<std::string>> keys;
  for (const auto& [method, maps] : named) keys[method] = keys_that_differ(maps);
  for (Row& row : section.rows) {
    row.label = with_settings(row.method, listed(keys[row.method], row.settings, short_text));
  }
}

std::vector<Section> group(const std::vector<const Record*>& records,
                           const std::vector<std::string>& group_by,
                           const std::vector<std::string>& rows) {
  require_keys(records, group_by);
  std::vector<std::string> keys = group_by;
  for (const std::string& key : rows) {  // what was asked to be rows is not pooled
    if (!keys.empty() && std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  std::map<std::string, std::map<OptionMap, std::map<RowKey, Row>>> found;
  for (const Record* record : records) {
    auto& of_section = found[problem_name(*record)][problem_settings(record->settings, rows)];
    Row& row = of_section[row_key(*record, keys, rows)];
    const bool ok = record->outcome.status == train::Status::ok;
    (ok ? row.ok : row.failed).push_back(record);
  }
  Groups groups;
  for (auto& [name, variants] : found) {
    for (auto& [settings, of_section] : variants) {
      auto& section = groups[name][settings];
      section.problem = settings;
      for (auto& [key, row] : of_section) {
        row.method = keys.empty() ? std::get<0>(key) : group_name(keys, std::get<1>(key));
        finish(row);
        section.rows.push_back(std::move(row));
      }
      section.key = problem_key(any_record(section), rows);
    }
  }
  return titled(std::move(groups));
}

}  // namespace gapbench::compare
