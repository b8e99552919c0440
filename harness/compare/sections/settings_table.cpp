#include "compare/sections/settings_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/rows/columns.h"
#include "compare/rows/row_settings.h"
#include "compare/sections/cells.h"
#include "compare/sections/notes.h"

namespace gapbench::compare {
namespace {

constexpr const char* none = "–";

bool is_pooled(const Row& row, const std::string& key) {
  return std::ranges::find(row.pooled, key) != row.pooled.end();
}

std::string value_of(const Row& row, const std::string& key) {
  if (is_pooled(row, key)) return pooled_text(row, key);
  const auto found = row.settings.find(key);
  return found == row.settings.end() ? none : setting_text(key, found->second);
}

/// What a setting is sorted by, where it is a number.
std::optional<double> number_of(const Row& row, const std::string& key) {
  const auto found = row.settings.find(key);
  if (found == row.settings.end()) return std::nullopt;
  if (const auto* real = std::get_if<double>(&found->second)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&found->second)) {
    return static_cast<double>(*whole);
  }
  return std::nullopt;
}

bool is_set(const Row& row, const std::string& key) {
  return is_pooled(row, key) || row.settings.contains(key);
}

bool one_row_has(const Section& section, const std::string& key) {
  return std::ranges::count_if(section.rows, [&](const Row& row) { return is_set(row, key); }) == 1;
}

/// Keys that start alike are told once: "optimizer: beta1 0.9, beta2 0.999".
std::string listed(const Row& row, const std::vector<std::string>& keys) {
  std::map<std::string, std::vector<std::string>> parts;
  for (const std::string& key : keys) {
    if (!is_set(row, key)) continue;
    const std::size_t dot = key.rfind('.');
    const bool has_owner = dot != std::string::npos;
    parts[has_owner ? key.substr(0, dot) : ""].push_back(
        fmt::format("{} {}", has_owner ? key.substr(dot + 1) : key, value_of(row, key)));
  }
  std::vector<std::string> groups;
  for (const auto& [owner, settings] : parts) {
    groups.push_back(
        fmt::format("{}{}{}", owner, owner.empty() ? "" : ": ", fmt::join(settings, ", ")));
  }
  return groups.empty() ? none : fmt::format("{}", fmt::join(groups, "; "));
}

}  // namespace

Page settings_table(const Section& section) {
  if (section.differing.empty()) return {};
  Table table(fmt::format("{}: settings that differ", section.title));
  table.add("Settings that differ", labels(section));
  std::vector<std::string> own;
  for (const std::string& key : section.differing) {
    if (one_row_has(section, key)) {
      own.push_back(key);
      continue;
    }
    Cells cells;
    for (const Row& row : section.rows) {
      cells.push_back(ordered(value_of(row, key), number_of(row, key)));
    }
    table.add(key, std::move(cells));
  }
  if (own.empty()) return {table};
  Cells cells;
  for (const Row& row : section.rows) {
    Cell& cell = cells.emplace_back(listed(row, own));
    const auto count =
        std::ranges::count_if(own, [&](const auto& key) { return is_set(row, key); });
    if (count > 0) cell.behind = fmt::format("{} setting{}", count, count == 1 ? "" : "s");
    cell.order = static_cast<double>(count);
  }
  table.add("of this row alone", std::move(cells));
  return {table};
}

}  // namespace gapbench::compare
