// Steps against batch size as JSON.
#pragma once

#include "compare/rows/target.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// A list of curves with their sizes and fits, unrounded (docs/compare.md); null for what is not finite.
records::Json batch_curves_json(const Aggregate& all, const CostsToTarget& costs);

}  // namespace gapbench::compare
