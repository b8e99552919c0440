// Tables: what `gapbench compare` makes of records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/pages/page.h"
#include "compare/rows/point.h"
#include "compare/rows/selection.h"
#include "compare/rows/subset.h"
#include "compare/rows/target.h"
#include "records/record.h"

namespace gapbench::compare {

enum class Format { markdown, terminal, csv, latex, json };

struct CompareOptions {
  std::string baseline;  ///< a method's name; empty: the one of the suite, else none
  Format format = Format::markdown;
  bool explain = false;       ///< the rule that led to each transfer verdict
  std::string large_batch{};  ///< with small_batch, the methods between which recovery is measured
  std::string small_batch{};
  Selection selection{};                ///< which methods to show
  std::vector<std::string> group_by{};  ///< see group() in grouping.h
  std::vector<std::string> rows{};      ///< see row_settings(); empty: those of the suites
  std::vector<std::string> metrics{};   ///< names of columns; empty: all
  At at = At::final;
  std::optional<double> level{};  ///< of train loss, with At::equal_train_loss
  std::optional<Target> to{};     ///< what it cost to get there; with At::final only
  bool over_problems = false;     ///< inter-quartile means and performance profiles
  SubsetChoice subset{};          ///< which test images count; no list: all
  std::string reference{};        ///< a method: see with_reference(); with At::final only
  bool by_image = false;          ///< accuracy by class, agreement, sampling of images
  TerminalStyle style{};          ///< with Format::terminal
};

/// Markdown, LaTeX and what a terminal shows: per data set and network, one row a method (and set of settings): train and
/// test accuracy and loss, error gap and loss gap as mean ± std, n, gradient samples, FLOPs, train
/// seconds, peak memory, × baseline; failures beside n ("4 (1/5 diverged at step 120)"). Then each
/// row against the baseline by seed, and the transfer verdict of each finding (docs/statistics.md).
/// JSON: the same, unrounded (docs/compare.md). CSV: tidy, one line a trial, full precision, units
/// in the names (docs/records.md); grouping, metrics and recovery do not concern it.
/// A trial found in two trees counts once; broken and unfinished records are listed, not hidden.
/// Throws Error for a subset at another point than the final one, for by_image in CSV or
/// with a subset, for a target
/// beside another point, for a selection of methods, a baseline or an end of the recovery that no record
/// has, for one end alone, and for a metric or a key to group by that is not there.
std::string compare(const records::Records& records, const CompareOptions& options);

}  // namespace gapbench::compare
