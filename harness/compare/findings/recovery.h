// How much of what large batches lose a method brings back.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compare/rows/columns.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// 0: nothing came back; 1: all.
struct Recovery {
  std::optional<double> value;       ///< nothing where it is undefined
  std::optional<Interval> interval;  ///< ratio_interval() over seeds; nothing for no value
  std::size_t n = 0;                 ///< seeds
  std::size_t failed = 0;            ///< seeds that one of the three failed
  std::string why;                   ///< the rule that was applied, in words
};

/// The loss must be so many times further from 0 than its interval's half width: nearer to it the
/// ratio's interval has no end worth printing.
inline constexpr double surely_lost = 1.5;

/// (mean method - mean large) / (mean small - mean large) over seeds, by which the three samples
/// are paired. Undefined unless |t| of small - large exceeds `surely_lost` critical values: what was
/// not lost for certain cannot be brought back. Undefined for n < 2, too; a denominator without
/// spread counts unless it is 0. Throws Error for unequal lengths, values that are not finite and a
/// confidence outside (0, 1).
Recovery recovery(std::span<const double> method, std::span<const double> large_batch,
                  std::span<const double> small_batch, double confidence = 0.95);

/// Of three rows, over the seeds that all of them finished. Undefined, too, where the small batch is
/// the worse end by that metric. At equal train loss it must be defined at all ends of the three
/// brackets, and its interval is the hull of theirs.
Recovery recovery(const Row& row, const Row& large, const Row& small, const Column& metric,
                  double confidence = 0.95);

/// By a metric for which one side is better.
bool is_worse(double a, double b, Better better);

}  // namespace gapbench::compare
