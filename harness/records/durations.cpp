#include "records/durations.h"

#include <fmt/format.h>

#include <string_view>
#include <variant>

#include "records/text.h"

namespace gapbench::records {
namespace {

/// All settings but the rates and strengths of optimizers and regularizers, and how they were
/// chosen: a step takes as long with any of them.
std::string what_takes_time(const Record& record) {
  std::string text = problem_text(record);
  for (const auto& [key, value] : record.settings) {
    const std::string_view family = std::string_view(key).substr(0, key.find('.'));
    if (family == "tune" || family == "tuning") continue;
    const bool is_method = family == "optimizer" || family == "regularizer";
    if (is_method && std::holds_alternative<double>(value)) continue;
    text += fmt::format("\n{}={}", key, gapbench::to_text(value));
  }
  return text;
}

}  // namespace

Alike alike(const Record& record) { return {what_takes_time(record), problem_text(record), ""}; }

void Durations::add(const std::string& name, double seconds) {
  Sum& sum = sums_[name];
  sum.seconds += seconds;
  sum.count += 1;
}

std::optional<double> Durations::of(const std::string& name) const {
  const auto found = sums_.find(name);
  if (found == sums_.end()) return std::nullopt;
  return found->second.seconds / found->second.count;
}

}  // namespace gapbench::records
