// Which rows of a table could be its best.
#pragma once

#include <span>
#include <vector>

#include "compare/statistics/blocks.h"

namespace gapbench::compare {

/// Marks the row with the best mean and every row that is tied with it: the t interval of its
/// differences to the best by seed covers 0, or they have no spread (has_spread()), so that their
/// error is unknown. Rows are paired where both have the seed; a row with fewer than two seeds in
/// common with the best is not marked.
///
/// Nothing is marked unless there are two rows or more with values, each with two or more, and at
/// least one of these is set apart: a mark on all says nothing. Rows without a value do not count.
///
/// The best is picked by the same numbers, and no number of rows is corrected for: a mark is a
/// reading aid and no test (rates in docs/statistics.md). Throws Error for rows of unequal length,
/// values that are not finite and a confidence outside (0, 1).
std::vector<bool> tied_with_best(std::span<const Blocks> rows, bool higher_is_better,
                                 double confidence = 0.95);

}  // namespace gapbench::compare
