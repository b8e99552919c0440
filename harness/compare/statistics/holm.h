// Many comparisons in one table.
#pragma once

#include <span>
#include <vector>

namespace gapbench::compare {

/// p values corrected for their number (Holm 1979, "A simple sequentially rejective multiple test
/// procedure"): sorted upward, the k-th of m (from 0) becomes the largest of (m - j) p_(j) over
/// j <= k, at most 1. In the order given. Rejecting below alpha keeps the chance of any false
/// rejection at alpha or less, whatever the dependence. Empty for none; one stays as it is.
/// Throws Error for a value outside [0, 1] and NaN.
std::vector<double> holm(std::span<const double> p);

}  // namespace gapbench::compare
