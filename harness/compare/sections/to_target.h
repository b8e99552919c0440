// What it cost to get somewhere, as tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/target.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Of one row. A trial that never got there cost infinitely much.
struct RowToTarget {
  const Row* row;
  std::size_t n = 0;       ///< trials, failed ones too
  std::size_t missed = 0;  ///< of those
  std::optional<double>
      median{};  ///< infinite, where half and more have missed; nothing without trials
  std::optional<Statistic> cost{};        ///< where none has missed
  std::optional<Statistic> difference{};  ///< row - baseline by seed, where neither has a miss
  std::optional<Interval> interval{};     ///< 95 % t interval of it
};

/// The rows of a section in their order. No difference where seconds are no measure (timing.h), where
/// a seed comes twice, and to itself.
std::vector<RowToTarget> rows_to_target(const Section& section, const std::string& baseline,
                                        const Target& target, const CostsToTarget& costs);

/// A table for each section: n, missed, median, mean ± deviation and the difference to the baseline.
/// Of steps also, where methods have several batch sizes, those against the size (batch_sizes.h).
Page to_target(const Aggregate& all, const Target& target, const CostsToTarget& costs);

}  // namespace gapbench::compare
