// What a row gains on the baseline where both train at one learning rate.
#pragma once

#include <optional>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Of a tuned row whose chosen learning rate is not the baseline's: validation accuracy of the two at
/// the row's rate, by tuning seed. What was chosen for the row against what was tried for the baseline
/// at that rate and otherwise as it is.
struct AtSameRate {
  const Row* row;
  double rate = 0;
  std::vector<double> differences{};   ///< row - baseline, a fraction, one a tuning seed
  std::optional<Interval> interval{};  ///< 95 % t interval; nothing for one seed
};

/// Rows in their order; none of which a tuning trial is missing on either side.
std::vector<AtSameRate> at_same_rate(const records::Records& records, const Section& section,
                                     const std::string& baseline);

/// The same as a table; empty where there is no such row.
Page same_rate(const records::Records& records, const Section& section,
               const std::string& baseline);

}  // namespace gapbench::compare
