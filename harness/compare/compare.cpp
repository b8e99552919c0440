#include "compare/compare.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "compare/by_image_json.h"
#include "compare/csv.h"
#include "compare/json.h"
#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/row_settings.h"
#include "compare/rows/twins.h"
#include "compare/sections/tables.h"
#include "gapbench/error.h"

namespace gapbench::compare {
namespace {

/// Claims are about the final parameters and about all records, whatever is shown of them.
std::vector<Answer> answers_of(const records::Records& given, const CompareOptions& options) {
  return options.at == At::final ? answers(given) : std::vector<Answer>();
}

void require_outcomes(const CompareOptions& options) {
  const bool subset = !options.subset.subsets.empty();
  if (subset && options.at != At::final) {
    throw Error("subset",
                "outcomes of test images are those after the last step: leave out --at, "
                "--level and --equal");
  }
  if (!options.by_image) return;
  if (options.format == Format::csv) throw Error("by-image", "is not for --format csv");
  if (subset) throw Error("by-image", "is over all test images: leave out --subset");
}

/// A line a trial has no heading to say it.
void note_subset(const OnSubset& on, records::Records& records) {
  for (records::Record& record : records.good) {
    if (!record.outcome.final) continue;  // it has no test numbers
    const auto note = on.notes.find(problem_key(record, on.rows));
    if (note != on.notes.end()) record.outcome.notes.push_back(note->second);
  }
}

records::Json whole_json(const records::Records& records, const Aggregate& all,
                         const TableOptions& table, bool with_images) {
  records::Json json = to_json(records, all, table);
  if (with_images) json["by_image"] = by_image_json(all);
  return json;
}

}  // namespace

std::string compare(const records::Records& given, const CompareOptions& options) {
  require_outcomes(options);
  if (options.to && options.at != At::final) {
    throw Error("to", "is of whole trials: ask for it without another point of each");
  }
  std::optional<OnSubset> on;
  if (!options.subset.subsets.empty()) on = on_subset(given, options.subset, options.rows);
  const records::Records& counted = on ? on->records : given;
  records::Records chosen = selected(counted, options.selection);
  Folded one_of_each;
  if (options.format == Format::csv) {
    if (on) note_subset(*on, chosen);
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
  table.notes = on ? on->notes : point.notes;
  if (on) table.images = describe(options.subset);
  table.metrics = options.metrics;
  table.ends = {options.large_batch, options.small_batch};
  table.explained = options.explain;
  table.answers = answers_of(counted, options);
  table.presence = presence(given);
  table.over_problems = options.over_problems;
  table.by_image = options.by_image;
  if (options.to) {
    table.to = options.to;
    table.costs = costs_to(all, *options.to, records.broken);
  }
  require_ends(all, table.ends);
  require_metrics(all, options.metrics);
  switch (options.format) {
    case Format::markdown:
      return to_markdown(tables(records, all, table));
    case Format::terminal:
      return to_terminal(tables(records, all, table), options.style);
    case Format::latex:
      return to_latex(tables(records, all, table));
    case Format::csv:
      return csv(records, all, table.to, table.costs);
    case Format::json:
      return whole_json(records, all, table, options.by_image)
                 .dump(1, ' ', false, records::Json::error_handler_t::replace) +
             "\n";
  }
  assert(false);
  return "";
}

}  // namespace gapbench::compare
