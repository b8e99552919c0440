// Numbers as charts have them.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "compare/statistics/statistic.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// Six digits are more than a chart shows, and a third of the bytes.
inline records::Json rounded(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.6g}", value));
}

inline records::Json deviation_json(const Statistic& s) {
  return s.n > 1 ? rounded(s.deviation) : records::Json();
}

}  // namespace gapbench::compare
