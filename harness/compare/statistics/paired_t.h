// Tests of a mean difference under normal errors.
#pragma once

#include <optional>
#include <span>

namespace gapbench::compare {

struct Test {
  double statistic = 0;
  double p = 1;
};

/// Paired t test, two-sided, of "the mean difference is 0":  t = mean / (s / sqrt(n)) against
/// Student's t with n - 1 degrees of freedom ("Student" 1908). Give it differences().
/// Exact for independent normal differences. Nothing for n < 2. Differences that are all 0 give
/// t = 0, p = 1; that are all one other number t = ± infinity, p = 0, as the formula says: check
/// all_equal() before a conclusion. Throws Error for a value that is not finite.
std::optional<Test> paired_t_test(std::span<const double> differences);

/// Two one-sided t tests of "the mean difference is margin or more away from 0" (TOST;
/// Schuirmann 1987, J. Pharmacokinet. Biopharm. 15): the larger of their two p. A p below alpha
/// is evidence of absence, and says the same as "the 1 - 2 alpha t interval lies within
/// (-margin, margin)". Nothing for n < 2. Equal differences give p = 0 inside the margin, 1
/// outside, 0.5 on it. Throws Error for a value that is not finite and a margin that is not
/// positive and finite.
std::optional<double> equivalence_p(std::span<const double> differences, double margin);

}  // namespace gapbench::compare
