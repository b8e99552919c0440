#include "compare/report/chart_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace gapbench::compare {

records::Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.6g}", value));
}

std::vector<std::size_t> thinned(std::size_t count, std::size_t most) {
  std::vector<std::size_t> kept;
  const std::size_t size = std::min(count, most);
  for (std::size_t i = 0; i < size; ++i) {
    kept.push_back(size < 2 ? i : i * (count - 1) / (size - 1));
  }
  return kept;
}

}  // namespace gapbench::compare
