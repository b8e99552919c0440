// How well a Markov chain mixes: how many independent draws its states are worth, and whether its parts
// agree.
#pragma once

#include <optional>
#include <vector>

namespace gapbench::train {

/// The values that one function takes at the draws, chain by chain: [chains][draws].
using Chains = std::vector<std::vector<double>>;

/// All of this after Vehtari, Gelman, Simpson, Carpenter, Bürkner 2021, "Rank-normalization, folding, and
/// localization: an improved R-hat for assessing convergence of MCMC". With M chains of N draws, chain
/// means m_j and variances s_j^2 (divisor N - 1):
///
///   W = mean of s_j^2,  B = N x variance of m_j (0 for one chain),  V = (N - 1)/N W + B/N
///
/// Functions of their arguments alone; sums in double, in order. Nothing where chains are fewer than 1
/// or have fewer than 4 draws or unequally many, where a value is not finite or all are the same.

/// M N / tau: the number of independent draws whose mean would be as uncertain. With the autocovariance
/// a_j(t) of lag t (divisor N):
///
///   r_t = 1 - (W - mean of a_j(t)) / V,  P_k = r_2k + r_2k+1,  r_0 = 1
///   tau = -1 + 2 sum of min(P_0, ..., P_k) over the k before the first P_k < 0
///
/// and tau at least 1 / log10(M N). Geyer 1992, "Practical Markov chain Monte Carlo", section 3.3:
/// initial monotone sequence. Cost: M N a lag.
std::optional<double> effective_sample_size(const Chains& chains);

/// sqrt(V / W): near 1 where the chains cannot be told from each other, infinite where none moves.
/// Gelman, Rubin 1992.
std::optional<double> r_hat(const Chains& chains);

/// First and last half of each chain; the middle draw of an odd number goes.
Chains halves(const Chains& chains);
/// Phi^-1((r - 3/8) / (S + 1/4)) of each value's rank r among all S, ties sharing their mean rank.
Chains rank_normalized(const Chains& chains);
/// Distance from the median of all.
Chains folded(const Chains& chains);

/// effective_sample_size of the rank-normalized halves.
std::optional<double> bulk_effective_sample_size(const Chains& chains);
/// The larger r_hat of the rank-normalized halves and of those of the folded values: sees means and
/// scales that differ. Below 1.01 is what the source asks for.
std::optional<double> rank_normalized_split_r_hat(const Chains& chains);

}  // namespace gapbench::train
