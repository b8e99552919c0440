#include "suite/language/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/nearest.h"
#include "suite/language/fields.h"
#include "suite/language/parts.h"

namespace gapbench::suite {
namespace {

constexpr const char* families[] = {"network", "dataset", "problem"};

void add(const char* family, const train::Choice& choice, OptionMap& settings) {
  for (const auto& [name, value] : choice.options) {
    settings[fmt::format("{}.{}", family, name)] = value;
  }
}

/// What each problem of the suite is set to.
std::vector<OptionMap> problems_of(const Parts& parts) {
  std::vector<OptionMap> problems;
  for (const DataBlock& data : parts.datasets) {
    for (const ChoiceBlock& network : parts.networks) {
      OptionMap& settings = problems.emplace_back();
      add("dataset", data.settings.set, settings);
      add("network", network.choice, settings);
    }
  }
  for (const ChoiceBlock& problem : parts.problems) {
    add("problem", problem.choice, problems.emplace_back());
  }
  return problems;
}

}  // namespace

bool can_be_row(std::string_view setting) {
  return std::ranges::any_of(families, [&](std::string_view family) {
    return setting.size() > family.size() + 1 && setting.starts_with(family) &&
           setting[family.size()] == '.';
  });
}

std::string row_name(const std::string& method, const OptionMap& settings,
                     const std::vector<std::string>& rows) {
  std::vector<std::string> parts;
  for (const std::string& key : rows) {
    const auto found = settings.find(key);
    if (found != settings.end()) parts.push_back(key + "=" + gapbench::to_text(found->second));
  }
  return parts.empty() ? method : fmt::format("{} [{}]", method, fmt::join(parts, ", "));
}

std::vector<RowOfSuite> rows_of(const Parts& parts) {
  const std::vector<OptionMap> problems =
      parts.rows.empty() ? std::vector<OptionMap>(1) : problems_of(parts);
  std::vector<RowOfSuite> rows;
  for (const Method& method : parts.methods) {
    std::set<std::string> seen;
    for (const OptionMap& settings : problems) {
      const std::string name = row_name(method.name, settings, parts.rows);
      if (seen.insert(name).second) rows.push_back({&method, name});
    }
  }
  return rows;
}

std::vector<std::string> read_rows(const Node& root, const Parts& parts, Mistakes& mistakes) {
  const Node* node = root.find("rows");
  if (node == nullptr || node->kind == Node::Kind::null) return {};
  if (!require_list(*node, "rows", mistakes)) return {};
  std::set<std::string> known;
  for (const OptionMap& settings : problems_of(parts)) {
    for (const auto& [key, value] : settings) known.insert(key);
  }
  const std::vector<std::string> valid(known.begin(), known.end());
  std::set<std::string> rows;
  for (const Node& item : node->items) {
    if (!item.is_scalar() || !known.contains(item.text)) {
      mistakes.add(item.place,
                   fmt::format("rows: {} is no option of a network, data set or problem of this "
                               "suite, as in network.precision{}",
                               shown(item), did_you_mean(item.text, valid)));
    } else if (!rows.insert(item.text).second) {
      mistakes.add(item.place, fmt::format("rows: {} given twice", item.text));
    }
  }
  return {rows.begin(), rows.end()};
}

}  // namespace gapbench::suite
