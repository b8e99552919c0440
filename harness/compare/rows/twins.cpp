#include "compare/rows/twins.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "compare/rows/followers.h"
#include "compare/rows/grouping.h"

namespace gapbench::compare {
namespace {

using records::Record;
using train::Status;

std::string key_of(const Record& record) {
  std::string key =
      fmt::format("{}\n{}\n{}\n{}", record.dataset, record.network, record.method, record.seed);
  for (const auto& [name, value] : record.settings) {
    if (!is_measuring(name)) key += fmt::format("\n{}={}", name, gapbench::to_text(value));
  }
  return key;
}

/// Between two evaluations, in epochs or steps; infinite where only the ends are evaluated.
double interval_of(const Record& record) {
  for (const char* key : {"evaluate_every.epochs", "evaluate_every.steps"}) {
    const auto found = record.settings.find(key);
    if (found == record.settings.end()) continue;
    if (const auto* real = std::get_if<double>(&found->second)) return *real;
    if (const auto* whole = std::get_if<std::int64_t>(&found->second)) {
      return static_cast<double>(*whole);
    }
  }
  return std::numeric_limits<double>::infinity();
}

bool is_ok(const Record& record) { return record.outcome.status == Status::ok; }

/// With their settings, which say who was probed for what.
void take_probes(const Record& from, Record& to) {
  for (const auto& [key, value] : from.settings) {
    if (is_measuring(key)) to.settings.emplace(key, value);
  }
  if (!from.outcome.final || !to.outcome.final) return;
  if (!to.outcome.final->predictive) to.outcome.final->predictive = from.outcome.final->predictive;
  auto& probes = to.outcome.final->probes;
  for (const train::ProbeValue& value : from.outcome.final->probes) {
    const bool known = std::any_of(probes.begin(), probes.end(), [&](const auto& p) {
      return p.probe == value.probe && p.metric == value.metric;
    });
    if (!known) probes.push_back(value);
  }
}

/// Whether `twin` went into `kept`, which may have become it.
bool fold(Record& kept, Record& twin) {
  if (kept.identity == twin.identity) return false;  // copies are another matter
  if (is_ok(kept) && is_ok(twin) && !same_result(kept, twin)) return false;
  const bool better =
      is_ok(twin) != is_ok(kept) ? is_ok(twin) : interval_of(twin) < interval_of(kept);
  if (better) std::swap(kept, twin);
  take_probes(twin, kept);
  return true;
}

}  // namespace

bool is_measuring(const std::string& key) {
  return key == "probes" || key == "predictive" || key.starts_with("probe.") ||
         key.starts_with("evaluate_every.") || key == "evaluate_losses";
}

OptionMap measuring_only(const OptionMap& settings) {
  OptionMap rest = settings;
  std::erase_if(rest, [](const auto& setting) { return !is_measuring(setting.first); });
  return rest;
}

OptionMap without_measuring(const OptionMap& settings) {
  OptionMap rest = settings;
  std::erase_if(rest, [](const auto& setting) { return is_measuring(setting.first); });
  return rest;
}

Folded folded(records::Records records) {
  tell_followers_apart(records);
  Folded result;
  std::map<std::string, std::vector<std::size_t>> kept_of;
  std::vector<Record> kept;
  for (Record& record : records.good) {
    std::vector<std::size_t>& alike = kept_of[key_of(record)];
    const bool gone = std::any_of(alike.begin(), alike.end(),
                                  [&](std::size_t i) { return fold(kept[i], record); });
    if (gone) {
      ++result.twins;
      continue;
    }
    alike.push_back(kept.size());
    kept.push_back(std::move(record));
  }
  records.good = std::move(kept);
  result.records = std::move(records);
  return result;
}

}  // namespace gapbench::compare
