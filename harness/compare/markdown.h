// The result tables people read.
#pragma once

#include <string>

#include "compare/aggregate.h"
#include "compare/recoveries.h"

namespace gapbench::compare {

/// Per data set and network: the settings that differ, then one row a method. What is reported,
/// what all rows share and which builds they come from stand above; which findings carry over from
/// data set to data set, how to read it, and what was left out, below. `explained` adds the rule
/// that led to each verdict; `ends`, where given, the recovery of each row.
std::string markdown(const run::Records& records, const Aggregate& all, bool explained,
                     const RecoveryEnds& ends);

}  // namespace gapbench::compare
