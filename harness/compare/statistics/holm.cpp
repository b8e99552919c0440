#include "compare/statistics/holm.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "gapbench/error.h"

namespace gapbench::compare {

std::vector<double> holm(std::span<const double> p) {
  for (const double value : p) {
    if (!(value >= 0 && value <= 1)) {
      throw Error("holm", fmt::format("p = {} is not between 0 and 1", value));
    }
  }
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const auto factor = static_cast<double>(p.size() - k);
    largest = std::max(largest, std::min(1.0, factor * p[order[k]]));
    corrected[order[k]] = largest;
  }
  return corrected;
}

}  // namespace gapbench::compare
