// Numbers over seeds, and as text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gapbench::compare {

/// mean = (1/n) sum x_i;  deviation = sqrt(sum (x_i - mean)^2 / (n - 1)), 0 for n = 1.
struct Statistic {
  double mean = 0;
  double deviation = 0;
  std::size_t n = 0;
};

/// Two passes, in double. Nothing for no values.
std::optional<Statistic> statistic(std::span<const double> values);

/// How a column writes its numbers.
enum class Style {
  two_decimals,  ///< 71.20
  loss,          ///< 0.8123; 1.2e-05 and 3.4e+06 outside [0.001, 10000)
  three_digits,  ///< 1.23, 12.3, 123, 1234
  prefixed,      ///< 1.20 M; k = 1e3, M = 1e6, G = 1e9, T = 1e12, P = 1e15
};

/// "71.20 ± 0.35"; no deviation for n = 1. Prefixed numbers show a deviation only where it is not
/// 0: they count work, which seldom depends on the seed.
std::string to_text(const Statistic& value, Style style);

/// "k", "M", "G", "T", "P" with a blank before it, and what it stands for; none below 1000.
struct Prefix {
  double scale;
  const char* text;
};
Prefix prefix_of(double value);

/// Full precision: the shortest text that reads back to the same double; "nan", "inf".
std::string exact(double value);

}  // namespace gapbench::compare
