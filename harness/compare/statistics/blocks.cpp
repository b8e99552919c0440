#include "compare/statistics/blocks.h"

#include <fmt/format.h>

#include <cmath>

#include "compare/statistics/sample.h"
#include "gapbench/error.h"

namespace gapbench::compare {

std::vector<double> paired_differences(std::span<const std::optional<double>> method,
                                       std::span<const std::optional<double>> baseline) {
  if (method.size() != baseline.size()) {
    throw Error("pairs", fmt::format("{} seeds against {}, but pairs need the same of each",
                                     method.size(), baseline.size()));
  }
  std::vector<double> of_method;
  std::vector<double> of_baseline;
  for (std::size_t i = 0; i < method.size(); ++i) {
    if (!method[i] || !baseline[i]) continue;
    of_method.push_back(*method[i]);
    of_baseline.push_back(*baseline[i]);
  }
  return differences(of_method, of_baseline);
}

void require_blocks(const std::string& where, std::size_t length, std::span<const Blocks> rows) {
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].size() != length) {
      throw Error(where,
                  fmt::format("row {} has {} seeds, but the table {}", r, rows[r].size(), length));
    }
    for (std::size_t i = 0; i < length; ++i) {
      if (!rows[r][i] || std::isfinite(*rows[r][i])) continue;
      throw Error(where, fmt::format("value {} of row {} is {}, but every value must be finite", i,
                                     r, *rows[r][i]));
    }
  }
}

}  // namespace gapbench::compare
