// One way to write all numbers of a column, so that they can be read down it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compare/statistics/interval.h"
#include "compare/statistics/statistic.h"

namespace gapbench::compare {

/// Means of one column: one prefix, that of the largest, and one number of decimals, as many as the
/// smallest that is not 0 needs for three digits, at most two (three with a prefix). A number that
/// this would show as 0 is written as in to_text(), and so are all of a style that has its decimals
/// already.
class UniformStyle {
 public:
  UniformStyle(std::span<const Statistic> column, Style style);
  std::string text(const Statistic& value) const;

 private:
  Style style_;
  double scale_ = 1;
  std::string prefix_{};
  int decimals_ = 0;
};

/// Decimals that show two digits of half the narrowest of the intervals, or three of the smallest
/// difference where there is none; 0 to 6.
int decimals_of(std::span<const double> differences, std::span<const Interval> intervals);

/// "+1.640", "0.000".
std::string signed_fixed(double value, int decimals);

}  // namespace gapbench::compare
