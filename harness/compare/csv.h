// The tidy table: one line a trial.
#pragma once

#include <string>

#include "compare/rows/aggregate.h"
#include "compare/rows/target.h"

namespace gapbench::compare {

/// One header line, one line a trial whatever its status, one line with status "broken" for a
/// folder that could not be read; fields quoted as in RFC 4180, lines ended by a single line feed.
/// Empty means "has none"; numbers have full precision. Columns: docs/records.md.
/// `to`: also what each trial of `costs` spent to get there, "inf" for a miss.
std::string csv(const records::Records& records, const Aggregate& all,
                const std::optional<Target>& to = {}, const CostsToTarget& costs = {});

/// The field, in quotes where it holds a comma, a quote or a line break.
std::string csv_field(const std::string& text);

}  // namespace gapbench::compare
