// How numbers go with an option of the problem that makes rows: slopes in logarithms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

struct Slope {
  std::string method;  ///< "sgd"
  std::string key;     ///< "network.width"
  std::string metric;  ///< as a column's name
  std::string heading;
  std::size_t values = 0;              ///< of the key
  std::size_t seeds = 0;               ///< each with a slope of its own
  double mean = 0;                     ///< over seeds
  std::optional<Interval> interval{};  ///< 95 % t interval over seeds
};

/// The slope of a least-squares line through (log key, log metric): Sxy / Sxx. For positive numbers, two
/// different keys or more; nothing else.
std::optional<double> log_slope(const std::vector<double>& x, const std::vector<double>& y);

/// Of each method with rows at three values or more of one number that makes rows (row_settings.h), and
/// each probe and quality that is above 0 in all of them: one slope a seed that has all rows.
/// `metrics`: as in columns_of().
std::vector<Slope> slopes_of(const Section& section, const std::vector<std::string>& metrics = {});

/// The same as a table, empty where there are none.
Page slope_table(const Section& section, const std::vector<std::string>& metrics);

}  // namespace gapbench::compare
