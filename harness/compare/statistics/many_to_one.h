// All methods of one table against its baseline, in one model.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "compare/statistics/blocks.h"
#include "compare/statistics/dunnett.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// One method against the baseline.
struct AgainstBaseline {
  std::size_t n = 0;      ///< seeds in common with the baseline
  double difference = 0;  ///< mean of method - baseline over them
  Interval interval;      ///< simultaneous: all those of a table hold together
  double p = 1;           ///< adjusted for all methods of the table
  Interval own;           ///< t interval of this method's differences alone, not adjusted
  double own_p = 1;       ///< paired_t_test() of them

  /// The word for a difference that stands in both: the simultaneous interval guards against many
  /// comparisons, its own against a method that spreads more than the others.
  bool beyond_doubt() const { return !interval.covers(0) && !own.covers(0); }
};

struct ManyToOne {
  std::size_t methods = 0;                           ///< K, those with a comparison
  std::vector<std::optional<AgainstBaseline>> rows;  ///< in the order given
  /// Deviation of a row's errors over that of all others, the baseline's first: nothing where it is
  /// not known. Above `uneven` the simultaneous intervals of the table are not to be trusted.
  std::vector<std::optional<double>> spread;

  static constexpr double uneven = 2;
  bool is_uneven() const;
};

/// Dunnett's comparison (1955) in a table blocked by seed,
///
///   y_ms = mu_m + b_s + e_ms,   s^2 = sum of squared residuals / (K (n - 1)),
///   interval  d_m ± q s sqrt(2 / n),   p = dunnett.p(K, K (n - 1), |d_m| / (s sqrt(2 / n))),
///
/// over the baseline and K methods with n seeds each: exact for normal errors of equal spread.
/// Where methods have different seeds, each is compared on those that it shares with the baseline,
/// with s of all rows that have these seeds (k + 1 of them, k (n - 1) degrees of freedom), but q
/// and p of all K: simulated in docs/statistics.md. K = 1 is the paired t interval.
///
/// A row of `methods` has no comparison, and does not count in K, with fewer than two seeds in
/// common with the baseline; nor has any where s is 0 but for rounding.
///
/// Spread: Grubbs 1948, "On estimating precision of measuring instruments and product variability",
/// J. Am. Stat. Assoc. 43: with I rows and the sum of squared residuals Q of one of them, its
/// variance is estimated by (Q / (n - 1) - s^2 / I) I / (I - 2), unbiased whatever the others'.
/// Known for three rows or more with five seeds or more: fewer cannot tell.
///
/// Cost: some microseconds a method, 2 ms a K that `dunnett` has not met.
/// Throws Error for rows of unequal length, values that are not finite, a confidence outside (0,
/// 1).
ManyToOne many_to_one(const Blocks& baseline, std::span<const Blocks> methods, double confidence,
                      Dunnett& dunnett);

}  // namespace gapbench::compare
