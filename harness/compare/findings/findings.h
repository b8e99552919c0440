// Each row against the baseline, and from data set to data set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/findings/verdict.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/by_seed.h"
#include "compare/rows/columns.h"
#include "compare/statistics/draws.h"
#include "compare/statistics/dunnett.h"
#include "compare/statistics/interval.h"

namespace gapbench::compare {

/// One row against the baseline's on one metric, over the seeds that both finished. At equal train
/// loss every interval reaches from the lowest to the highest end of those at all ends of the two
/// brackets, and a p is the largest of theirs, and 1 where they differ in sign.
struct Finding {
  std::vector<double> differences;  ///< method - baseline, by seed, or by draw (by_seed.h)
  std::optional<OverDraws> draws;   ///< where several seeds share a draw of the training set
  std::size_t failed = 0;           ///< seeds that the row or the baseline failed
  std::optional<Statistic> statistic;
  std::optional<Interval>
      interval;  ///< t interval at the section's confidence; nothing without spread, and so p
  std::optional<double> p;            ///< paired t, for this row alone
  std::optional<double> wilcoxon_p;   ///< signed rank; nothing where n is too small to ever speak
  std::optional<double> superiority;  ///< P(method > baseline) by seed

  /// Among all rows of the section (many_to_one.h), Dunnett's interval and p.
  struct Among {
    Interval interval;
    double p = 1;
  };
  std::optional<Among> among;  ///< of the metric that decides, for rows that are in the comparison

  /// Dunnett's interval excludes 0, and so does the row's own.
  bool beyond_doubt() const;
};

/// All rows of a section against its baseline.
struct Comparison {
  const Section* section = nullptr;
  std::vector<Column> metrics;
  std::vector<std::vector<Finding>>
      found;                           ///< one list a metric, one finding a row; the baseline's
                                       ///< own is empty
  std::optional<std::size_t> primary;  ///< of `metrics`, the one that decides
  std::size_t methods = 0;             ///< K, the rows of the comparison
  /// Why a row is not in the comparison; empty where it is, and for the baseline.
  std::vector<std::string> outside;
  /// "sgd 2.4 times": rows whose errors spread so much further than the others' that the intervals
  /// of the comparison are not to be trusted.
  std::vector<std::string> uneven;
};

/// The columns that findings are about: those named, or the one that decides (else test loss, else
/// train loss), the error gap and the loss gap, as far as the section has them.
std::vector<Column> metrics_of(const Section& section, const std::vector<std::string>& names = {});

/// All findings are empty where the section has not exactly one row of the baseline, and those of
/// seconds where they are no measure of one row against the other (timing.h). Rows that have
/// failed trials, or that have not fitted where the baseline has, keep their own t interval: the
/// comparison takes all errors for alike.
Comparison compare_rows(const Section& section, const std::string& baseline,
                        const std::vector<Column>& metrics, Dunnett& dunnett);

/// One a section.
std::vector<Comparison> comparisons(const Aggregate& all,
                                    const std::vector<std::string>& metrics = {});

/// One method, one metric, two data sets.
struct Carried {
  std::string method;
  Column metric;
  const Section* from;
  const Section* to;
  Transfer transfer;
};

/// From one section to another, each with its row of the method and of the baseline.
Transfer transfer_between(const Row& on_a, const Row& base_a, const Row& on_b, const Row& base_b,
                          const Measure& measure, const CarriedShareOptions& options = {});

/// Two sections that differ in the data set or its settings, with the same network and options and a
/// suite in common.
bool comparable(const Section& a, const Section& b);

/// For each two comparable sections, the first of the page before the second: each method but the
/// baseline that has exactly one row on both, and each metric of both (metrics_of); of seconds only
/// where all four rows' are comparable (timing.h).
std::vector<Carried> carried(const Aggregate& all, const std::vector<std::string>& metrics = {});

}  // namespace gapbench::compare
