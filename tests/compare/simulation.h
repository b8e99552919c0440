// Simulated seeds, and the tables of docs/statistics.md that simulations must reproduce.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gapbench/random.h"
#include "paths.h"

namespace gapbench::test {

using Values = std::vector<double>;

/// n independent N(mean, 1).
inline Values normal_values(Random& random, std::size_t n, double mean = 0) {
  Values values(n);
  for (double& x : values) x = mean + random.normal();
  return values;
}

/// n differences of two exponential numbers: symmetric with heavy tails (Laplace 1774).
inline Values heavy_values(Random& random, std::size_t n) {
  Values values(n);
  for (double& x : values) x = std::log1p(-random.uniform()) - std::log1p(-random.uniform());
  return values;
}

/// The share of `draws` for which draw(random) is true.
template <class Draw>
double share_of(std::size_t draws, Random random, const Draw& draw) {
  std::size_t hits = 0;
  for (std::size_t i = 0; i < draws; ++i) hits += draw(random) ? 1U : 0U;
  return static_cast<double>(hits) / static_cast<double>(draws);
}

/// Fails with the line where docs/statistics.md does not have it.
inline void expect_on_page(const std::string& line) {
  std::ifstream in(test::source_folder() + "/docs/statistics.md");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(page.find("\n" + line + "\n"), std::string::npos) << "not on the page: " << line;
}

}  // namespace gapbench::test
