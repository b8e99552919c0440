#include "compare/rows/shift.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace gapbench::compare {
namespace {

using records::Record;

/// "blur-3": "blur", 3.
struct Name {
  std::string kind;
  std::size_t severity = 0;
};

Name name_of(const train::ShiftedPrediction& shifted) {
  const auto dash = shifted.name.rfind('-');
  Name name{shifted.name.substr(0, dash)};
  if (dash == std::string::npos) return name;
  const char* first = shifted.name.data() + dash + 1;
  std::from_chars(first, shifted.name.data() + shifted.name.size(), name.severity);
  return name;
}

const train::Predictive* predictive_of(const Record& record) {
  const auto& final = record.outcome.final;
  return final && final->predictive ? &*final->predictive : nullptr;
}

std::optional<double> scaled(const ShiftScore& score, const train::PartPrediction& part) {
  const std::optional<double> value = part.*score.score;
  return value ? std::optional(score.factor * *value) : std::nullopt;
}

}  // namespace

Shifts shifts_of(const Section& section) {
  Shifts shifts;
  std::set<std::size_t> severities;
  for (const Row& row : section.rows) {
    for (const Record* record : row.ok) {
      const train::Predictive* predictive = predictive_of(*record);
      if (predictive == nullptr) continue;
      for (const train::ShiftedPrediction& shifted : predictive->shifted) {
        const Name name = name_of(shifted);
        if (std::ranges::count(shifts.kinds, name.kind) == 0) shifts.kinds.push_back(name.kind);
        severities.insert(name.severity);
      }
    }
  }
  if (shifts.kinds.empty()) return shifts;
  severities.insert(0);
  shifts.severities.assign(severities.begin(), severities.end());
  if (shifts.kinds.size() > 1) shifts.kinds.insert(shifts.kinds.begin(), all_kinds);
  return shifts;
}

Measure under_shift(const ShiftScore& score, const std::string& kind, std::size_t severity) {
  return [score, kind, severity](const Record& record) -> std::optional<double> {
    const train::Predictive* predictive = predictive_of(record);
    if (predictive == nullptr || !predictive->test) return std::nullopt;
    std::size_t kinds = 0;
    double sum = 0;
    bool has_kind = false;
    for (const train::ShiftedPrediction& shifted : predictive->shifted) {
      const Name name = name_of(shifted);
      if (kind != all_kinds && name.kind != kind) continue;
      has_kind = true;
      if (name.severity != severity) continue;
      const auto value = scaled(score, shifted.scores);
      if (!value) return std::nullopt;
      sum += *value;
      ++kinds;
    }
    if (severity == 0 && has_kind) return scaled(score, *predictive->test);
    return kinds > 0 ? std::optional(sum / static_cast<double>(kinds)) : std::nullopt;
  };
}

}  // namespace gapbench::compare
