// Several draws of the training set, several seeds on each.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

struct OverDraws {
  std::size_t draws = 0;             ///< S
  std::size_t values = 0;            ///< of all draws
  double mean = 0;                   ///< of the draws' means
  std::optional<Interval> interval;  ///< of the mean over draws; nothing for one draw
  std::optional<double> tau;         ///< deviation of the effect over draws; nothing where unknown
  std::optional<double> sigma;       ///< deviation over the seeds of one draw; as tau
};

/// Of the differences method - baseline by seed, one sample for each draw of the training set
/// (Bouthillier et al. 2021, "Accounting for variance in machine learning benchmarks", MLSys), as
/// a one-way layout with random effects:
///
///   y_dj = mu + u_d + e_dj,   u_d ~ N(0, tau^2), e_dj ~ N(0, sigma^2)
///   interval  mean of the S draws' means ± q sd of these means / sqrt(S),   q of t with S - 1
///   tau^2 = max(0, (MS between - MS within) / k),   sigma^2 = MS within
///
/// k is the number of seeds of a draw; where they have different numbers k_d, with N in all,
/// k = (N - sum k_d^2 / N) / (S - 1) (Searle, Casella, McCulloch 1992, "Variance components", 3.6).
/// The interval is exact for equal numbers, whatever tau: seeds on the same draw are not taken for
/// independent evidence on other draws. tau and sigma want two draws and one with two seeds.
/// Throws Error for no draws, a draw without values and values that are not finite, and for a
/// confidence outside (0, 1).
OverDraws over_draws(std::span<const std::vector<double>> draws, double confidence = 0.95);

}  // namespace gapbench::compare
