// A line of a table on docs/statistics.md: what was simulated, then rates in percent.
#pragma once

#include <fmt/format.h>

#include <initializer_list>
#include <string>

#include "compare/simulation.h"

namespace gapbench::test {

/// Fails where the page has no line "| what | 94.5 | 5.0 |".
inline void expect_rates_on_page(const std::string& what, std::initializer_list<double> rates) {
  std::string line = "| " + what + " |";
  for (const double rate : rates) line += fmt::format(" {:.1f} |", 100 * rate);
  expect_on_page(line);
}

/// Exponential numbers less their mean 1: skewed.
inline Values skewed_values(Random& random, std::size_t n) {
  Values values(n);
  for (double& x : values) x = -std::log1p(-random.uniform()) - 1;
  return values;
}

/// heavy_values() with deviation 1.
inline Values laplace_values(Random& random, std::size_t n) {
  Values values = heavy_values(random, n);
  for (double& x : values) x /= std::sqrt(2.0);
  return values;
}

/// N(0, 1), but one in ten falls by 10; less their mean.
inline Values falling_values(Random& random, std::size_t n) {
  Values values = normal_values(random, n, 1);
  for (double& x : values) x -= random.below(10) == 0 ? 10 : 0;
  return values;
}

}  // namespace gapbench::test
