// Bootstrap intervals.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

struct BootstrapOptions {
  double confidence = 0.95;
  std::size_t resamples = 10000;  ///< at least 1 / (1 - confidence)
  std::uint64_t seed = 1;
};

/// A statistic of the units (seeds) at these places; places may repeat. Values of one unit stay
/// together, so pairs and triples are resampled as such.
using OfUnits = std::function<double(std::span<const std::size_t>)>;

/// Bias-corrected and accelerated interval (BCa; Efron 1987, "Better bootstrap confidence
/// intervals", J. Am. Stat. Assoc. 82): with t the statistic of the sample, t* those of the
/// resamples and t_(i) that of the sample without unit i,
///
///   z0 = normal quantile of the share of t* below t, ties counted half
///   a  = sum (m - t_(i))^3 / (6 (sum (m - t_(i))^2)^1.5),  m the mean of the t_(i)
///   ends = quantiles of t* at Phi(z0 + (z0 + z) / (1 - a (z0 + z))),  z = ± normal quantile
///
/// between resamples interpolated linearly. The same options give the same bits. Covers less than
/// it promises for few units: docs/statistics.md has the numbers.
///
/// Nothing for n < 2 and where the statistic of any resample or of the sample without a unit is
/// NaN. Resamples that are all the same give that number as both ends. With n = 2 and other cases
/// without acceleration a is 0; a z0 out of all resamples is that of half a resample.
/// Throws Error for a confidence outside (0, 1), too few resamples, and a statistic of the whole
/// sample that is not finite. Cost: resamples + n calls.
std::optional<Interval> bca_interval(std::size_t n, const OfUnits& of_units,
                                     const BootstrapOptions& options = {});

/// The same for a mean. Throws Error for a value that is not finite.
std::optional<Interval> bca_interval(std::span<const double> values,
                                     const BootstrapOptions& options = {});

}  // namespace gapbench::compare
