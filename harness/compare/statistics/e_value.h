// Evidence that may be looked at any time.
#pragma once

#include <span>

namespace gapbench::compare {

/// e value against "the mean difference is 0", n values, t their t statistic, nu = n - 1:
///
///   e = (1 + n g)^(-1/2) [(1 + t^2 / nu) / (1 + t^2 / (nu (1 + n g)))]^(n / 2)
///
/// the ratio of the marginal likelihoods of t where mean / deviation is N(0, g) and where it is 0
/// (Gonen, Johnson, Lu, Westfall 2005, Am. Stat. 59); under scale invariance an e-process (Perez-
/// Ortiz, Lardy, de Heide, Grunwald 2024, "E-statistics, group invariance and anytime-valid
/// testing", Ann. Stat. 52): for normal differences without an effect the chance that it ever
/// reaches 1/alpha, at whatever n one looks, is at most alpha. 1 for n < 2. Differences that are
/// all one other number than 0 give (1 + n g)^((n - 1) / 2), as the formula says: check
/// has_spread() before a conclusion. Throws Error for a value that is not finite and g not above 0.
double e_value(std::span<const double> differences, double g = 2);

}  // namespace gapbench::compare
