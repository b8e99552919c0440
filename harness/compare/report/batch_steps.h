// Steps to a target against batch size, for the report's chart.
#pragma once

#include "compare/report/chart_data.h"
#include "compare/rows/target.h"

namespace gapbench::compare {

/// To each section whose methods have several batch sizes, where the target's cost is steps: of each
/// curve its points with the factor of one deviation on either side, and where it was fitted the
/// curve and its two asymptotes as lines over the sizes, and B* with its interval.
void add_batch_steps(const Aggregate& all, const Target& target, const CostsToTarget& costs,
                     ChartData& data);

}  // namespace gapbench::compare
