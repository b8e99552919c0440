// Each row against the baseline, and from data set to data set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/findings/verdict.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/columns.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// One row against the baseline's on one metric, over the seeds that both finished.
struct Finding {
  std::vector<double> differences;  ///< method - baseline, by seed
  std::optional<Statistic> statistic;
  /// 95 % t interval; nothing without spread, and so p. At equal train loss: from the lowest to the
  /// highest end of the t intervals at all ends of the two brackets.
  std::optional<Interval> interval;
  /// Paired t, Holm-corrected over the section. At equal train loss: the largest of those ends, and 1
  /// where they differ in sign.
  std::optional<double> p;
  std::optional<double> wilcoxon_p;   ///< signed rank, corrected likewise; wherever there is p
  std::optional<double> superiority;  ///< P(method > baseline) by seed
};

/// At equal train loss: the trial as interpolated, or at either end of its bracket.
enum class End { point, before, after };

/// method - baseline for each seed that both finished, in the order of the seeds; none where one of
/// these trials lacks the number or has one that is not finite, where seeds repeat in a row, and
/// where a bracket is too wide. Where all seeds agree in both, the seed decides nothing and they
/// count as one.
std::vector<double> paired_differences(const Row& method, const Row& baseline,
                                       const Measure& measure, End of_method = End::point,
                                       End of_baseline = End::point);

/// The columns that findings are about: those named, or test accuracy (else test loss, else train
/// loss), the error gap and the loss gap, as far as the section has them.
std::vector<Column> metrics_of(const Section& section, const std::vector<std::string>& names = {});

/// One list a metric, one finding a row; the baseline's own is empty, and so are all where the
/// section has not exactly one row of the baseline.
std::vector<std::vector<Finding>> findings(const Section& section, const std::string& baseline,
                                           const std::vector<Column>& metrics);

/// One method, one metric, two data sets.
struct Carried {
  std::string method;
  Column metric;
  const Section* from;
  const Section* to;
  Transfer transfer;
};

/// For each two sections that differ in the data set, with the same network and options and a
/// suite in common, the first of the page before the second: each method but the baseline that has
/// exactly one row on both, and each metric of both (metrics_of).
std::vector<Carried> carried(const Aggregate& all, const std::vector<std::string>& metrics = {});

}  // namespace gapbench::compare
