#include "compare/report/contours.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace gapbench::compare {
namespace {

using Place = std::array<double, 2>;

struct Corner {
  Place place;
  double value;
};

/// The corners of a cell in a circle, so that edge k goes from corner k to corner k + 1.
using Cell4 = std::array<Corner, 4>;

Cell4 cell(const Grid& grid, std::size_t column, std::size_t row) {
  constexpr std::array<std::array<std::size_t, 2>, 4> around{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  const std::array<double, 2> cells{static_cast<double>(grid.columns - 1),
                                    static_cast<double>(grid.rows - 1)};
  Cell4 corners{};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::array<std::size_t, 2> at{column + around[k][0], row + around[k][1]};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      corners[k].place[axis] = grid.low[axis] + (grid.high[axis] - grid.low[axis]) *
                                                    static_cast<double>(at[axis]) / cells[axis];
    }
    corners[k].value = grid.values[at[1] * grid.columns + at[0]];
  }
  return corners;
}

/// Where the level passes the edge; nothing where both ends are on one side of it.
std::optional<Place> crossing(const Corner& a, const Corner& b, double level) {
  if ((a.value >= level) == (b.value >= level)) return std::nullopt;
  const double t = (level - a.value) / (b.value - a.value);
  return Place{a.place[0] + t * (b.place[0] - a.place[0]),
               a.place[1] + t * (b.place[1] - a.place[1])};
}

void add_cell(const Cell4& corners, double level, std::vector<Contour>& lines) {
  std::vector<Place> found;
  double mean = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    if (!std::isfinite(corners[k].value)) return;
    mean += corners[k].value / 4;
    if (const auto place = crossing(corners[k], corners[(k + 1) % 4], level))
      found.push_back(*place);
  }
  if (found.size() == 2) lines.push_back({level, found[0], found[1]});
  if (found.size() != 4) return;
  // Corners 0 and 2 are on one side, 1 and 3 on the other; the middle joins two of them.
  const bool joins_first = (mean >= level) == (corners[0].value >= level);
  const std::size_t shift = joins_first ? 0 : 3;  // pieces cut off corners 1 and 3, or 0 and 2
  lines.push_back({level, found[shift], found[(shift + 1) % 4]});
  lines.push_back({level, found[(shift + 2) % 4], found[(shift + 3) % 4]});
}

}  // namespace

std::vector<Contour> contours(const Grid& grid, const std::vector<double>& levels) {
  std::vector<Contour> lines;
  for (const double level : levels) {
    for (std::size_t row = 0; row + 1 < grid.rows; ++row) {
      for (std::size_t column = 0; column + 1 < grid.columns; ++column) {
        add_cell(cell(grid, column, row), level, lines);
      }
    }
  }
  return lines;
}

std::vector<double> halving_levels(const Grid& grid, std::size_t count) {
  double low = INFINITY, high = -INFINITY;
  for (const double value : grid.values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::vector<double> levels;
  if (!(low < high)) return levels;
  double share = 1;
  for (std::size_t k = 0; k < count; ++k) levels.push_back(low + (high - low) * (share /= 2));
  return levels;
}

}  // namespace gapbench::compare
