// Between the entries of a table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace gapbench::compare {

/// The cubic through the four entries nearest to `place` (Lagrange), a position in [0, size - 1] in
/// entries; exact for cubics. Wants four entries or more.
inline double interpolate(std::span<const double> table, double place) {
  const std::size_t left =
      std::clamp<std::size_t>(static_cast<std::size_t>(place), 1, table.size() - 3);
  const double u = place - static_cast<double>(left);
  return -u * (u - 1) * (u - 2) / 6 * table[left - 1] +
         (u + 1) * (u - 1) * (u - 2) / 2 * table[left] -
         (u + 1) * u * (u - 2) / 2 * table[left + 1] + (u + 1) * u * (u - 1) / 6 * table[left + 2];
}

}  // namespace gapbench::compare
