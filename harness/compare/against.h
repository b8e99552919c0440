// Comparisons as tables: each row against the baseline, each finding from data set to data set.
#pragma once

#include <string>
#include <vector>

#include "compare/aggregate.h"
#include "compare/page.h"

namespace gapbench::compare {

/// "Against sgd, by seed | Seeds | Δ Test acc % | p | P(>) ...": a table with the differences by
/// seed; `explained` adds the p of Wilcoxon's signed-rank test, which needs no normal errors. Empty
/// where no row has a seed in common with the baseline.
Page against_baseline(const Section& section, const std::string& baseline,
                      const std::vector<std::string>& metrics = {}, bool explained = false);

/// A section with one line for each method, metric and pair of data sets: both effects and the
/// verdict. `explained` adds the sentence that says which rule led to it. Empty without pairs.
Page carried_over(const Aggregate& all, const std::vector<std::string>& metrics, bool explained);

}  // namespace gapbench::compare
