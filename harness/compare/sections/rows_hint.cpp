#include "compare/sections/rows_hint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/rows/grouping.h"
#include "compare/rows/row_settings.h"
#include "suite/language/rows.h"

namespace gapbench::compare {

Page rows_hint(const Aggregate& all) {
  std::map<std::string, std::vector<const Section*>> alike;
  for (const Section& section : all.sections) {
    if (section.rows.size() != 1) continue;
    alike[problem_name(any_record(section)) + "\n" + section.rows.front().method].push_back(
        &section);
  }
  Page page;
  for (const auto& [name, sections] : alike) {
    std::vector<const OptionMap*> problems;
    for (const Section* section : sections) problems.push_back(&section->problem);
    const std::vector<std::string> keys = keys_that_differ(problems);
    if (keys.empty() || !std::ranges::all_of(keys, suite::can_be_row)) continue;
    page.push_back(Text(fmt::format("The sections on {} have one row each and differ in {}: ",
                                    name.substr(0, name.find('\n')), fmt::join(keys, ", ")))
                       .code(fmt::format("--rows {}", fmt::join(keys, ",")))
                       .add(" compares them as rows."));
  }
  return page;
}

}  // namespace gapbench::compare
