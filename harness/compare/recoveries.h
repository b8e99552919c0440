// Recovery as a table.
#pragma once

#include <string>

#include "compare/aggregate.h"

namespace gapbench::compare {

/// The methods that count as no recovery and as full recovery; both empty where nobody asked.
struct RecoveryEnds {
  std::string large_batch;
  std::string small_batch;
};

/// Throws Error for one end without the other and for a method that no record has.
void require_ends(const Aggregate& all, const RecoveryEnds& ends);

/// A section with one line for each row and metric: recovery over the seeds that row and both ends
/// finished, with its 95 % bootstrap interval, or "undefined" (verdict.h). `explained` adds the
/// rule. Data sets without exactly one row of either end are named. Empty where nobody asked and
/// where there is no other row.
std::string recovered(const Aggregate& all, const RecoveryEnds& ends, bool explained);

}  // namespace gapbench::compare
