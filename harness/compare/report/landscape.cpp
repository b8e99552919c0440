#include "compare/report/landscape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace gapbench::compare {
namespace {

using Numbers = std::map<std::string, double>;

Numbers numbers_of(const records::Record& record) {
  Numbers numbers;
  for (const train::ProbeValue& value : record.outcome.final->probes) {
    if (value.probe == "landscape") numbers[value.metric] = value.value;
  }
  return numbers;
}

/// How many of "drawn_loss_0_0", "drawn_loss_0_1", ... there are.
template <class Name>
std::size_t count(const Numbers& numbers, const Name& name) {
  std::size_t n = 0;
  while (numbers.contains(name(n))) ++n;
  return n;
}

std::optional<Grid> grid_of(const Numbers& numbers) {
  Grid grid;
  const auto name = [](std::size_t row, std::size_t column) {
    return fmt::format("drawn_loss_{}_{}", row, column);
  };
  grid.columns = count(numbers, [&](std::size_t i) { return name(0, i); });
  grid.rows = count(numbers, [&](std::size_t j) { return name(j, 0); });
  if (grid.columns < 2 || grid.rows < 2) return std::nullopt;
  const std::array<std::pair<const char*, double*>, 4> ends{{{"drawn_left", &grid.low[0]},
                                                             {"drawn_bottom", &grid.low[1]},
                                                             {"drawn_right", &grid.high[0]},
                                                             {"drawn_top", &grid.high[1]}}};
  for (const auto& [end, into] : ends) {
    const auto found = numbers.find(end);
    if (found == numbers.end()) return std::nullopt;
    *into = found->second;
  }
  for (std::size_t j = 0; j < grid.rows; ++j) {
    for (std::size_t i = 0; i < grid.columns; ++i) {
      const auto found = numbers.find(name(j, i));
      grid.values.push_back(found == numbers.end() ? NAN : found->second);
    }
  }
  return grid;
}

/// As long as the fields are; from the middles of equal parts of the rectangle.
void add_field(const Numbers& numbers, const std::string& field, const Grid& grid,
               std::vector<Arrow>& arrows, std::array<double, 2>& spacing) {
  const auto entry = [&](std::size_t j, std::size_t i, int axis) {
    return fmt::format("drawn_{}_{}_{}_{}", field, j, i, axis);
  };
  const std::size_t n = count(numbers, [&](std::size_t i) { return entry(0, i, 0); });
  for (std::size_t axis = 0; axis < 2; ++axis) {
    spacing[axis] =
        (grid.high[axis] - grid.low[axis]) / static_cast<double>(std::max<std::size_t>(n, 1));
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      const auto x = numbers.find(entry(j, i, 0));
      const auto y = numbers.find(entry(j, i, 1));
      if (x == numbers.end() || y == numbers.end()) continue;
      Arrow arrow{field, {}, {}};
      arrow.from = {grid.low[0] + (static_cast<double>(i) + 0.5) * spacing[0],
                    grid.low[1] + (static_cast<double>(j) + 0.5) * spacing[1]};
      arrow.to = {arrow.from[0] + x->second, arrow.from[1] + y->second};
      if (std::isfinite(arrow.to[0]) && std::isfinite(arrow.to[1])) arrows.push_back(arrow);
    }
  }
}

std::vector<Arrow> arrows_of(const Numbers& numbers, const Grid& grid) {
  std::vector<Arrow> arrows;
  std::array<double, 2> spacing{};
  for (const char* field : {"flow", "modified"}) add_field(numbers, field, grid, arrows, spacing);
  double longest = 0;
  for (const Arrow& a : arrows) {
    longest = std::max(longest, std::hypot((a.to[0] - a.from[0]) / spacing[0],
                                           (a.to[1] - a.from[1]) / spacing[1]));
  }
  if (!(longest > 0)) return {};
  for (Arrow& a : arrows) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      a.to[axis] = a.from[axis] + (a.to[axis] - a.from[axis]) * 0.9 / longest;
    }
  }
  return arrows;
}

}  // namespace

std::optional<Landscape> landscape_of(const Section& section) {
  for (const Row& row : section.rows) {
    for (const records::Record* record : row.ok) {
      if (record->outcome.dimension != 2) continue;
      const Numbers numbers = numbers_of(*record);
      if (auto grid = grid_of(numbers)) {
        std::vector<Arrow> arrows = arrows_of(numbers, *grid);
        return Landscape{std::move(*grid), std::move(arrows)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace gapbench::compare
