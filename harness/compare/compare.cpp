#include "compare/compare.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <utility>

#include "compare/csv.h"
#include "compare/json.h"
#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/twins.h"
#include "compare/sections/tables.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

/// Claims are about the final parameters and about all records, whatever is shown of them.
std::vector<Answer> answers_of(const records::Records& given, const CompareOptions& options) {
  const auto has_claims = [](const records::SuiteNote& suite) { return !suite.claims.empty(); };
  if (options.at != At::final || std::ranges::none_of(given.suites, has_claims)) return {};
  const Folded all = folded(given);
  return answers(given, aggregate(all.records, ""));
}

}  // namespace

std::string compare(const records::Records& given, const CompareOptions& options) {
  if (options.to && options.at != At::final) {
    throw Error("to", "is of whole trials: ask for it without another point of each");
  }
  records::Records chosen = selected(given, options.selection);
  Folded one_of_each;
  if (options.format == Format::csv) {
    one_of_each.records = std::move(chosen);  // a line a trial
  } else {
    one_of_each = folded(std::move(chosen));
  }
  AtPoint point = at_point(std::move(one_of_each.records), options.at, options.level, options.rows);
  records::Records& records = point.records;
  const Aggregate all = aggregate(records, options.baseline, options.group_by, options.at,
                                  point.brackets, options.rows);
  TableOptions table;
  table.selection = options.selection;
  table.at = options.at;
  table.twins = one_of_each.twins;
  table.notes = point.notes;
  table.metrics = options.metrics;
  table.ends = {options.large_batch, options.small_batch};
  table.explained = options.explain;
  table.answers = answers_of(given, options);
  table.presence = presence(given);
  table.over_problems = options.over_problems;
  if (options.to) {
    table.to = options.to;
    table.costs = costs_to(all, *options.to, records.broken);
  }
  require_ends(all, table.ends);
  require_metrics(all, options.metrics);
  switch (options.format) {
    case Format::markdown:
      return to_markdown(tables(records, all, table));
    case Format::latex:
      return to_latex(tables(records, all, table));
    case Format::csv:
      return csv(records, all, table.to, table.costs);
    case Format::json:
      return to_json(records, all, table)
                 .dump(1, ' ', false, records::Json::error_handler_t::replace) +
             "\n";
  }
  assert(false);
  return "";
}

}  // namespace gapbench::compare
