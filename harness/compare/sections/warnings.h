// What must be known before any number of a page is read.
#pragma once

#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/presence.h"

namespace gapbench::compare {

/// Copies of one trial that ended in different numbers, each number named; trials that a suite lists
/// and that have no record, and records that it does not list. Empty where all is well.
Page warnings(const Aggregate& all, const std::vector<Presence>& presence);

}  // namespace gapbench::compare
