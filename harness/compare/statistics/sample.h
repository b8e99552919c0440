// What every statistic asks of its numbers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// Throws Error for a value that is not finite: a NaN or an infinity in a sample is a failed trial
/// that was not taken out, and every statistic of it would be wrong.
void require_finite(const std::string& where, std::span<const double> values);

/// Throws Error for a level outside (0, 1).
void require_level(const std::string& where, double level);

/// method - baseline, and 0 for what is left of two numbers that were equal on paper: a difference
/// of at most 1e-12 of the larger of both.
double difference(double method, double baseline);

/// difference(method_i, baseline_i). Throws Error for unequal lengths and values that are not
/// finite.
std::vector<double> differences(std::span<const double> method, std::span<const double> baseline);

/// Whether there is no spread: all values are the same number. True for none and for one.
bool all_equal(std::span<const double> values);

/// Whether the values differ by more than rounding: their deviation is above 1e-9 of the largest
/// |value|. Without spread there is no telling how far a mean is off. False for none and for one.
/// Differences of numbers that were equal on paper, 0.97 - 0.62 and 0.95 - 0.60, have none.
bool has_spread(std::span<const double> values);

/// statistic() of one value or more, with a deviation of exactly 0 for equal values: the mean of
/// three times 0.1 is not 0.1, and what is left must not pass for spread.
Statistic summary(std::span<const double> values);

}  // namespace gapbench::compare
