// Differences as cells.
#pragma once

#include <optional>
#include <string>

#include "compare/pages/page.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// "+1.64"; "0". Three digits: as many as an interval deserves.
std::string number_text(double value);

/// "+1.64 [+0.3, +2.9]"; without an interval the mean alone, "–" where nothing is known. With
/// `decimals`, all three have so many.
std::string difference_text(const std::optional<Statistic>& value,
                            const std::optional<Interval>& interval,
                            std::optional<int> decimals = {});

/// "0.031", "< 0.001".
Cell p_cell(const std::optional<double>& p);

/// A cell that is sorted by a number.
Cell ordered(std::string text, const std::optional<double>& order);

}  // namespace gapbench::compare
