#include "compare/rows/row_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/nearest.h"
#include "gapbench/error.h"
#include "suite/language/rows.h"

namespace gapbench::compare {
namespace {

using records::Record;

/// What could be asked for.
std::vector<std::string> known_settings(const records::Records& records) {
  std::set<std::string> known;
  for (const Record& record : records.good) {
    for (const auto& [key, value] : record.settings) {
      if (suite::can_be_row(key)) known.insert(key);
    }
  }
  return {known.begin(), known.end()};
}

}  // namespace

std::vector<std::string> row_settings(const records::Records& records,
                                      const std::vector<std::string>& asked) {
  std::set<std::string> rows(asked.begin(), asked.end());
  if (asked.empty()) {
    for (const records::SuiteNote& suite : records.suites) {
      rows.insert(suite.rows.begin(), suite.rows.end());
    }
    return {rows.begin(), rows.end()};
  }
  const std::vector<std::string> known = known_settings(records);
  for (const std::string& key : rows) {
    if (std::ranges::binary_search(known, key)) continue;
    throw Error("rows", fmt::format("no trial has an option \"{}\" of its network, data set or "
                                    "problem{}",
                                    key, did_you_mean(key, known)));
  }
  return {rows.begin(), rows.end()};
}

std::string row_name(const Record& record, const std::vector<std::string>& rows) {
  return suite::row_name(record.method, record.settings, rows);
}

OptionMap problem_settings(const OptionMap& settings, const std::vector<std::string>& rows) {
  OptionMap problem;
  for (const auto& [key, value] : settings) {
    if (std::ranges::find(rows, key) != rows.end()) continue;
    const std::string_view family = std::string_view(key).substr(0, key.find('.'));
    for (const char* ours : {"dataset", "data", "network", "problem"}) {
      if (family == ours) problem.emplace_hint(problem.end(), key, value);
    }
  }
  return problem;
}

std::string problem_name(const Record& record) {
  return record.network.empty() ? record.dataset
                                : fmt::format("{}, {}", record.dataset, record.network);
}

std::string problem_key(const Record& record, const std::vector<std::string>& rows) {
  std::string key = problem_name(record);
  for (const auto& [name, value] : problem_settings(record.settings, rows)) {
    key += fmt::format("\n{}={}", name, gapbench::to_text(value));
  }
  return key;
}

std::string setting_text(const std::string& key, const OptionValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  const std::string text = gapbench::to_text(value);
  if ((key == "data.train" || key == "data.test") && text == "0") return "all";
  return key == "data.checksum" ? text.substr(0, 12) : text;
}

}  // namespace gapbench::compare
