// The result tables people read.
#pragma once

#include <string>

#include "compare/aggregate.h"

namespace gapbench::compare {

/// Per data set and network: the settings that differ, then one row a method. What is reported,
/// what all rows share and which builds they come from stand above; how to read it, and what was
/// left out, below.
std::string markdown(const run::Records& records, const Aggregate& all);

}  // namespace gapbench::compare
