#include "compare/prepare.h"

#include <utility>

#include "compare/findings/claims.h"
#include "compare/rows/presence.h"
#include "compare/rows/reference.h"
#include "compare/rows/row_settings.h"
#include "compare/rows/twins.h"
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
  if (!options.reference.empty() && options.at != At::final) {
    throw Error("reference",
                "predictions are those after the last step: leave out --at, --level and --equal");
  }
  if (options.by_image && subset) {
    throw Error("by-image", "is over all test images: leave out --subset");
  }
}

/// A line a trial has no heading to say it.
void note_subset(const OnSubset& on, records::Records& records) {
  for (records::Record& record : records.good) {
    if (!record.outcome.final) continue;  // it has no test numbers
    const auto note = on.notes.find(problem_key(record, on.rows));
    if (note != on.notes.end()) record.outcome.notes.push_back(note->second);
  }
}

TableOptions table_of(const CompareOptions& options) {
  TableOptions table;
  table.selection = options.selection;
  table.at = options.at;
  table.metrics = options.metrics;
  table.ends = {options.large_batch, options.small_batch};
  table.explained = options.explain;
  table.over_problems = options.over_problems;
  table.by_image = options.by_image;
  table.to = options.to;
  return table;
}

}  // namespace

Prepared prepare(const records::Records& given, const CompareOptions& options, bool single) {
  require_outcomes(options);
  if (options.to && options.at != At::final) {
    throw Error("to", "is of whole trials: ask for it without another point of each");
  }
  Prepared result;
  TableOptions& table = result.table = table_of(options);
  std::optional<OnSubset>& on = result.subset;
  if (!options.subset.subsets.empty()) on = on_subset(given, options.subset, options.rows);
  std::optional<records::Records>& referred = result.referred;
  if (!options.reference.empty()) {
    referred = with_reference(on ? on->records : given, options.reference, options.rows);
  }
  const records::Records& counted = referred ? *referred : on ? on->records : given;
  records::Records chosen = selected(counted, options.selection);
  if (single) {
    Folded one_of_each = folded(std::move(chosen));
    chosen = std::move(one_of_each.records);
    table.twins = one_of_each.twins;
  } else if (on) {
    note_subset(*on, chosen);
  }
  AtPoint point = at_point(std::move(chosen), options.at, options.level, options.rows);
  result.records = std::move(point.records);
  result.brackets = std::move(point.brackets);
  result.all = aggregate(result.records, options.baseline, options.group_by, options.at,
                         result.brackets, options.rows);
  table.notes = on ? on->notes : point.notes;
  if (on) table.images = describe(options.subset);
  table.answers = answers_of(counted, options);
  table.presence = presence(given);
  if (options.to) table.costs = costs_to(result.all, *options.to, result.records.broken);
  require_ends(result.all, table.ends);
  require_metrics(result.all, options.metrics);
  return result;
}

}  // namespace gapbench::compare
