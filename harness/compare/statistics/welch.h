// Two independent samples of unequal spread.
#pragma once

#include <optional>
#include <span>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Degrees of freedom of v_a + v_b, two estimated variances of a mean, from samples of n_a and n_b
/// values (Satterthwaite 1946, "An approximate distribution of estimates of variance components",
/// Biometrics Bulletin 2):
///
///   nu = (v_a + v_b)^2 / (v_a^2 / (n_a - 1) + v_b^2 / (n_b - 1))
///
/// Between the smaller of n_a - 1 and n_b - 1 and their sum. Wants n >= 2 and a variance above 0.
double satterthwaite_degrees(double v_a, std::size_t n_a, double v_b, std::size_t n_b);

/// mean a - mean b ± q sqrt(v_a + v_b), v = s^2 / n, q of Student's t with satterthwaite_degrees()
/// (Welch 1938, "The significance of the difference between two means when the population variances
/// are unequal", Biometrika 29). For independent normal samples, approximate. Nothing where either
/// has fewer than two values. Two samples without spread give width 0: check has_spread() before a
/// conclusion. Throws Error for a value that is not finite and a confidence outside (0, 1).
std::optional<Interval> welch_interval(std::span<const double> a, std::span<const double> b,
                                       double confidence = 0.95);

}  // namespace gapbench::compare
