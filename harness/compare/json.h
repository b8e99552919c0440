// The tables for programs: docs/compare.md describes every key.
#pragma once

#include <string>

#include "compare/sections/tables.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// Raised when a key changes its meaning.
inline constexpr int compare_schema = 2;

/// All that the tables say, unrounded: rows with one value a seed, differences, recovery, verdicts,
/// what was left out. Numbers that are not finite are null.
records::Json to_json(const records::Records& records, const Aggregate& all,
                      const TableOptions& options);

}  // namespace gapbench::compare
