// What could have been compared and was not.
#pragma once

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// Sections with one row of the same method each, on one data set and network, that differ in
/// nothing but settings that could make rows: says how. Empty where there are none.
Page rows_hint(const Aggregate& all);

}  // namespace gapbench::compare
