// The first table of a report: what each method did on each data set, and whether it carries over.
#pragma once

#include <string>
#include <vector>

#include "compare/findings/findings.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// HTML. Sections that can be compared with each other stand side by side, a row for each method: for
/// each section the differences to the baseline with their intervals (of the baseline, and where there
/// is none, the means), then for each pair of sections where the carried share lies. Networks with
/// the same data sets stand in one table below each other. Of the metrics the one that decides and the
/// first gap are shown; the others are there for whoever chooses them. Empty without sections.
std::string answer_tables(const Aggregate& all, const std::vector<Comparison>& comparisons,
                          const std::vector<Carried>& carried);

}  // namespace gapbench::compare
