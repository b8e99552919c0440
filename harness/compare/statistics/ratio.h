// An interval for a ratio of two means.
#pragma once

#include <optional>
#include <span>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Of mean x / mean y, x and y paired (Fieller 1954, "Some problems in interval estimation",
/// J. R. Stat. Soc. B 16): the ratios r at which the t interval of the values x_i - r y_i covers
/// 0. With R = mean x / mean y, e_i = x_i - R y_i, k = q^2 / n, q the quantile of t_interval(), and
/// sample covariances s, these are the r = R + d with
///
///   (mean y^2 - k s_yy) d^2 + 2 k s_ey d - k s_ee <= 0
///
/// Exact for pairs that are jointly normal, whatever their correlation; seldom centred on R.
/// The set is an interval just where the t interval of y does not cover 0; nothing elsewhere, and
/// for n < 2. Equal ratios give width 0: check has_spread() before a conclusion.
/// Throws Error for unequal lengths, values that are not finite and a confidence outside (0, 1).
std::optional<Interval> ratio_interval(std::span<const double> x, std::span<const double> y,
                                       double confidence = 0.95);

}  // namespace gapbench::compare
