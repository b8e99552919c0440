// Whether a finding carries over, in words.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compare/statistics/carried_share.h"
#include "compare/statistics/interval.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// The finding on one data set: paired differences, method - baseline.
struct Effect {
  Statistic differences;             ///< all 0 without pairs
  std::optional<Interval> interval;  ///< t interval; nothing for n < 2
  bool spread = false;               ///< the differences differ by more than rounding
  std::size_t failed = 0;            ///< seeds that the method or the baseline failed
};

/// What the differences on two data sets say of each other.
struct Transfer {
  Effect a;
  Effect b;
  CarriedShare share;
  CarriedShareOptions options;

  /// "reproduces", "reproduces, weaker", "same sign, share open", "at most 0.5 reproduces",
  /// "reverses", "cannot tell".
  std::string word() const { return to_text(share.zone, options.share); }
};

/// Whether a finding on data set A holds on B, from the paired differences on both: where the
/// interval of the carried share lies (carried_share.h). Errors as carried_share().
Transfer transfer(std::span<const double> differences_a, std::span<const double> differences_b,
                  const CarriedShareOptions& options = {});

/// What is known only between two evaluations is no surer than the worst of their ends: the
/// intervals become hulls with those of `end`, the share is unknown where it is at any end.
void widen(Transfer& transfer, const Transfer& end);

/// One sentence: the word, both effects with interval and n, the share and where it lies.
std::string explain(const Transfer& transfer, const std::string& a, const std::string& b);

/// "+1.2 (95 % interval +0.8 to +1.6, n = 5, 1 failed)".
std::string effect_text(const Effect& effect, double confidence);

/// "0.32 [0.14, 0.50]"; "–" where it is not known.
std::string share_text(const CarriedShare& share);

/// "5", "3, 2 failed".
std::string seeds_text(std::size_t n, std::size_t failed);

/// "+1.234", "-0.05678", "0".
std::string signed_text(double value);

/// "95 %", "98.35 %".
std::string percent_text(double share);

/// "95 % interval +0.8 to +1.6".
std::string interval_text(const Interval& interval, double confidence);

}  // namespace gapbench::compare
