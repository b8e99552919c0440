// Recovery as a table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/findings/recovery.h"
#include "compare/pages/page.h"
#include "compare/rows/columns.h"

namespace gapbench::compare {

/// The methods that count as no recovery and as full recovery; both empty where nobody asked.
struct RecoveryEnds {
  std::string large_batch;
  std::string small_batch;
};

/// Throws Error for one end without the other and for a method that no record has.
void require_ends(const Aggregate& all, const RecoveryEnds& ends);

/// Of one row and metric (recovery.h).
struct Recovered {
  const Section* section;
  const Row* row;
  Column metric;
  Recovery recovery;
  /// Of what one source published of the row and both ends; it says nothing of its certainty.
  std::optional<double> published;
};

/// Every row but the ends, in the sections that have exactly one row of either. Empty where nobody
/// asked.
std::vector<Recovered> recoveries(const records::Records& records, const Aggregate& all,
                                  const RecoveryEnds& ends,
                                  const std::vector<std::string>& metrics = {});

/// A table for each metric, with one line for each method and one column for each data set and
/// network: recovery with its 95 % interval, or "undefined", whether the row has fitted,
/// and the recovery of published numbers where there are some. `explained` adds the rule. Data sets
/// without exactly one row of either end, and ends that have not fitted, are named. Empty where
/// nobody asked and where there is no other row.
Page recovered(const records::Records& records, const Aggregate& all, const RecoveryEnds& ends,
               const std::vector<std::string>& metrics, bool explained);

}  // namespace gapbench::compare
