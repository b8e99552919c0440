// What lies behind paths: the loss and where descent goes, as the probe `landscape` measured them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "compare/report/contours.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

struct Arrow {
  std::string field;  ///< "flow", "modified"
  std::array<double, 2> from{}, to{};
};

struct Landscape {
  Grid loss;
  /// All fields drawn to one scale, at which the longest arrow is 0.9 of the distance to the next.
  std::vector<Arrow> arrows;
};

/// Of the first finished trial of two parameters that has one: it is that of the problem, the same for
/// every trial. Nothing where none has.
std::optional<Landscape> landscape_of(const Section& section);

}  // namespace gapbench::compare
