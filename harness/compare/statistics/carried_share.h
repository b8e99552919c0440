// How much of a finding on one data set is there on another.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// Interval of theta = mean b / mean a, a and b independent samples: from the smallest to the
/// largest r with
///
///   |mean b - r mean a| <= q(nu(r)) sqrt(v_b + r^2 v_a),   v = s^2 / n,
///
/// q of Student's t, nu(r) = satterthwaite_degrees() of v_b and r^2 v_a. Fieller 1954, "Some
/// problems in interval estimation", J. R. Stat. Soc. B 16, with the degrees of freedom of
/// Satterthwaite 1946 for spreads that differ. Seldom centred on theta. Bounded just where the
/// t interval of a does not cover 0, and nothing elsewhere; nothing, too, where either has fewer
/// than two values or no spread (has_spread()). To ten digits or so; 0.1 ms.
/// Throws Error for a value that is not finite and a confidence outside (0, 1).
std::optional<Interval> carried_interval(std::span<const double> a, std::span<const double> b,
                                         double confidence = 0.95);

/// Where the interval of theta lies. Zones are told apart by 0 and by a declared share; more
/// evidence narrows the interval, so that no zone turns into one that contradicts it.
enum class Zone {
  reproduces,   ///< share < low: more than the declared share of the effect is there
  weaker,       ///< 0 < low, high < share: the same sign, less than the declared share
  share_open,   ///< 0 < low <= share <= high: the same sign, the size not known
  at_most,      ///< low <= 0 <= high < share: less than the declared share, if any
  reverses,     ///< high < 0
  cannot_tell,  ///< nothing of these, or no interval
};

/// "reproduces", "reproduces, weaker", "same sign, share open", "at most 0.5 reproduces",
/// "reverses", "cannot tell".
std::string to_text(Zone zone, double share);

Zone zone_of(const Interval& theta, double share);

/// Why there is no interval.
enum class Gap {
  none,
  too_few_seeds,  ///< fewer than three on A or B
  no_spread,      ///< all differences on A or on B are equal, their error is unknown
  no_finding,     ///< the interval on A covers 0: there is nothing to carry
};

struct CarriedShare {
  Zone zone = Zone::cannot_tell;
  Gap gap = Gap::none;
  std::optional<double> value;       ///< theta; nothing where there is a gap
  std::optional<Interval> interval;  ///< carried_interval(); nothing where there is a gap
  std::optional<Interval> lost;      ///< of effect on A - effect on B, welch_interval(); for n >= 2
};

struct CarriedShareOptions {
  double confidence = 0.95;  ///< of all intervals
  double share = 0.5;        ///< the declared share, in (0, 1]
};

/// From the differences method - baseline by seed on two data sets, on whatever scale the claim
/// names. Coverage, wrong zones and power by simulation, also where it fails: docs/statistics.md.
/// Throws Error for a value that is not finite, a confidence outside (0, 1) and a share outside
/// (0, 1].
CarriedShare carried_share(std::span<const double> on_a, std::span<const double> on_b,
                           const CarriedShareOptions& options = {});

}  // namespace gapbench::compare
