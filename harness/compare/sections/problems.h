// One number or curve for several problems.
#pragma once

#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// The ratios to the best at which performance profiles are given.
inline constexpr double profile_ratios[] = {1, 1.1, 1.25, 1.5, 2, 4};

struct OverProblems {
  struct Line {
    std::string method;
    std::optional<double> inter_quartile_mean;  ///< test accuracy in %, all finished trials
    std::size_t trials = 0;                     ///< finished, of all problems
    std::vector<double> profile;                ///< at profile_ratios
    std::size_t failed = 0;                     ///< trials of all problems
  };
  std::vector<std::string> problems;  ///< titles of the sections with test accuracies
  std::vector<Line> lines;
  std::vector<std::string> left_out;  ///< methods without exactly one row on every problem
};

/// Inter-quartile mean of the test accuracies of all finished trials of all problems, and the
/// performance profile of the mean test error: the share of problems on which it is at most tau
/// times the best method's. A row with failed trials counts as failed there. Methods with exactly
/// one row on every problem only.
OverProblems summarize_problems(const Aggregate& all);

/// The same as a section; says so where there are fewer than two problems.
Page over_problems(const Aggregate& all);

}  // namespace gapbench::compare
