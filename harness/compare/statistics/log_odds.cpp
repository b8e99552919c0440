#include "compare/statistics/log_odds.h"

#include <fmt/format.h>

#include <cmath>

#include "gapbench/error.h"

namespace gapbench::compare {

std::optional<double> log_odds(double share) {
  if (!(share >= 0 && share <= 1)) {
    throw Error("log odds", fmt::format("share {} is not between 0 and 1", share));
  }
  if (share == 0 || share == 1) return std::nullopt;
  return std::log(share / (1 - share));
}

}  // namespace gapbench::compare
