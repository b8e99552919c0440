// What the numbers say, in words: recovery, and whether a finding carries over.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compare/statistics/interval.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// How much of what large batches lose a method brings back. 0: nothing; 1: all.
struct Recovery {
  std::optional<double> value;       ///< nothing where it is undefined
  std::optional<Interval> interval;  ///< ratio_interval() over seeds; nothing for no value
  std::size_t n = 0;                 ///< seeds
  std::string why;                   ///< the rule that was applied, in words
};

/// (mean method - mean large) / (mean small - mean large) over seeds, by which the three samples
/// are paired. Undefined where the t interval of small - large covers 0: what was not lost cannot
/// be brought back. Undefined for n < 2, too; a denominator without spread counts unless it is 0.
/// Throws Error for unequal lengths, values that are not finite and a confidence outside (0, 1).
Recovery recovery(std::span<const double> method, std::span<const double> large_batch,
                  std::span<const double> small_batch, double confidence = 0.95);

enum class Verdict { reproduces, reverses, does_not_carry_over, cannot_tell };

/// "reproduces", "reverses", "does not carry over", "cannot tell".
std::string to_text(Verdict verdict);

/// The rules of a transfer verdict, in the order in which they are tried.
enum class Rule {
  too_few_seeds,   ///< fewer than three pairs on A or B: cannot tell
  no_spread,       ///< all differences on A or B are equal, their error unknown: cannot tell
  no_finding,      ///< the interval on A covers 0, there is nothing to carry over: cannot tell
  same_side,       ///< the intervals on A and B exclude 0 on the same side: reproduces
  opposite_sides,  ///< they exclude 0 on opposite sides: reverses
  absent,     ///< on B the equivalence test puts the effect within the margin: does not carry over
  undecided,  ///< the interval on B covers 0, and the effect may be large or absent: cannot tell
};

Verdict verdict_of(Rule rule);

/// The finding on one data set: paired differences, method - baseline.
struct Effect {
  Statistic differences;             ///< all 0 without pairs
  std::optional<Interval> interval;  ///< t interval; nothing for n < 2
  bool spread = false;               ///< the differences differ by more than rounding
};

struct TransferOptions {
  double confidence = 0.95;      ///< of both intervals; the equivalence test has 1 - confidence
  double margin_fraction = 0.5;  ///< the margin of equivalence, as a fraction of the effect on A
};

struct Transfer {
  Rule rule = Rule::too_few_seeds;
  Effect a;
  Effect b;
  double margin = 0;                    ///< margin_fraction |mean on A|; 0 where no rule needs it
  std::optional<double> equivalence_p;  ///< of B against the margin, where it was tested
  TransferOptions options;

  Verdict verdict() const { return verdict_of(rule); }
};

/// Whether a finding on data set A holds on B, from the paired differences on both. Error rates
/// and power by simulation: docs/statistics.md. Never `does not carry over` for lack of power:
/// that takes evidence of absence. Throws Error for a value that is not finite, a confidence
/// outside (0, 1) and a fraction that is not in (0, 1].
Transfer transfer(std::span<const double> differences_a, std::span<const double> differences_b,
                  const TransferOptions& options = {});

/// One sentence: the verdict, both effects with interval and n, and the rule that decided.
std::string explain(const Transfer& transfer, const std::string& a, const std::string& b);

/// "+1.2 (95 % interval +0.8 to +1.6, n = 5)".
std::string effect_text(const Effect& effect, double confidence);

}  // namespace gapbench::compare
