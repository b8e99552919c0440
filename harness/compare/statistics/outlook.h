// How many more seeds a claim is likely to need.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "gapbench/random.h"

namespace gapbench::compare {

/// The differences by seed that a claim is decided by, one sample for each data set.
using Samples = std::vector<std::vector<double>>;

struct Outlook {
  std::vector<double> decided;  ///< for each look: the chance of a decision at it or before it
  double seeds = 0;             ///< expected number a data set when decided, or at the last look
};

/// The predictive chances of a claim that is decided as soon as `decided(samples)` holds at a look:
/// futures are drawn as the seeds so far foretell. Each draws, for each sample with mean m,
/// deviation s and n values,
///
///   sigma^2 = (n - 1) s^2 / chi^2_{n-1},   mu ~ N(m, sigma^2 / n),   new values ~ N(mu, sigma^2)
///
/// (the predictive distribution under the prior 1 / sigma^2; Box and Tiao 1973, "Bayesian inference
/// in statistical analysis", 2.4), so that little is promised on few seeds. `looks`: sizes of the
/// samples, growing; those at or below the largest sample's size are past, and hold what
/// `decided(seen)` says. Shorter samples are filled up.
///
/// Nothing where a sample has fewer than two values or no spread (has_spread()). Reproducible: all
/// draws come from `random`. Cost: `futures` times that of `decided` at each look still to come.
/// Throws Error for no samples, no looks and values that are not finite.
std::optional<Outlook> outlook(const Samples& seen, std::span<const std::size_t> looks,
                               const std::function<bool(const Samples&)>& decided, Random random,
                               std::size_t futures = 1000);

}  // namespace gapbench::compare
