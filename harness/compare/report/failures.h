// Trials that are in no mean, and why.
#pragma once

#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/presence.h"
#include "records/record.h"

namespace gapbench::compare {

/// One table: trials that failed (status, step, reason, the command that repeats each), that have no
/// record, that are not finished, and records that cannot be read. Empty where there are none.
Page failures_and_missing(const records::Records& records, const Aggregate& all,
                          const std::vector<Presence>& presence);

}  // namespace gapbench::compare
