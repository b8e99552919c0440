// A paired test that needs no normal errors.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "compare/statistics/paired_t.h"

namespace gapbench::compare {

/// Wilcoxon's signed-rank test, two-sided, of "the differences are symmetric about 0" (Wilcoxon
/// 1945, "Individual comparisons by ranking methods"). Statistic: the sum W of the ranks of |d|
/// over positive d. Ties share their mean rank. Zeros are ranked and then left out (Pratt 1959,
/// J. Am. Stat. Assoc. 54), so that many zeros are no reason for a small p.
///
/// p is exact, ties and zeros included, for up to 25 differences that are not 0: the distribution
/// of W over all signs, given the ranks. Above that, normal with the mean and variance of W given
/// the ranks, and a continuity correction of 1/2.
///
/// With n differences p is at least 2^(1-n): five cannot reach 0.05, six can. Nothing for n < 1;
/// n = 1 and differences that are all 0 give p = 1. Throws Error for a value that is not finite.
std::optional<Test> signed_rank_test(std::span<const double> differences);

/// The smallest p that signed_rank_test() can give for n differences that are not 0, 2^(1-n): where
/// it is not below a level, no data could be, and the test is silent rather than negative. 1 for n
/// < 1.
double least_signed_rank_p(std::size_t n);

}  // namespace gapbench::compare
