// Lines of equal height of numbers on a grid.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace gapbench::compare {

/// Values at the corners of a rectangle's cells, row after row from the bottom.
struct Grid {
  std::array<double, 2> low{}, high{};  ///< x and y of the rectangle's ends
  std::size_t columns = 0, rows = 0;    ///< of corners; two or more of each
  std::vector<double> values;           ///< [rows, columns]
};

struct Contour {
  double level = 0;
  std::array<double, 2> from{}, to{};
};

/// Marching squares (Lorensen, Cline 1987, in the plane): a piece of line for each cell that the level
/// passes, its ends linear in the values; of a cell that it passes twice, two pieces, parted by the
/// mean of the corners. A corner at the level counts as above it. Cells with a value that is not
/// finite have none.
std::vector<Contour> contours(const Grid& grid, const std::vector<double>& levels);

/// Half of the way from the lowest value to the highest, a quarter, an eighth, ...: lines of a
/// quadratic lie evenly there. `count` of them; none where all values are equal.
std::vector<double> halving_levels(const Grid& grid, std::size_t count);

}  // namespace gapbench::compare
