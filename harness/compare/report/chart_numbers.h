// How numbers stand in a report's data.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

#include "compare/statistics/statistic.h"

#include "records/record_json.h"

namespace gapbench::compare {

/// Six digits are more than a chart shows, and a third of the bytes. Null where not finite.
records::Json rounded(double value);

/// At most `most` of `count` points, evenly, the first and the last among them.
std::vector<std::size_t> thinned(std::size_t count, std::size_t most);

inline records::Json deviation_json(const Statistic& s) {
  return s.n > 1 ? rounded(s.deviation) : records::Json();
}

}  // namespace gapbench::compare
