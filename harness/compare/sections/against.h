// Comparisons as tables: each row against the baseline, each finding from data set to data set.
#pragma once

#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// "Against sgd, by seed | Seeds | Δ Test acc % | p | P(>) ...": a table with the differences by
/// seed; `explained` adds the p of Wilcoxon's signed-rank test, which needs no normal errors. Empty
/// where no row has a seed in common with the baseline.
Page against_baseline(const Section& section, const std::string& baseline,
                      const std::vector<std::string>& metrics = {}, bool explained = false);

/// A table for each pair of data sets, with one line for each method and three columns for each
/// metric: both effects and the verdict. Methods and baselines that have not fitted say where.
/// `explained` adds the sentences that say which rule led to each verdict. Empty without pairs.
Page carried_over(const Aggregate& all, const std::vector<std::string>& metrics, bool explained);

}  // namespace gapbench::compare
