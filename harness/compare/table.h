// Tables: what `gapbench compare` makes of records.
#pragma once

#include <string>

#include "run/record.h"

namespace gapbench::compare {

enum class Format { markdown, csv };

struct CompareOptions {
  std::string baseline;  ///< a method's name; empty: the one of the suite, else none
  Format format = Format::markdown;
  bool explain = false;       ///< Markdown: the rule that led to each transfer verdict
  std::string large_batch{};  ///< with small_batch, the methods between which recovery is measured
  std::string small_batch{};
};

/// Markdown: per data set and network, one row a method (and set of settings): train and test
/// accuracy and loss, error gap and loss gap as mean ± std, n, gradient samples, FLOPs, train
/// seconds, peak memory, × baseline; failures beside n ("4 (1/5 diverged at step 120)"). Then each
/// row against the baseline by seed, and the transfer verdict of each finding (docs/statistics.md).
/// CSV: tidy, one line a trial, full precision, units in the names (docs/records.md).
/// A trial found in two trees counts once; broken and unfinished records are listed, not hidden.
/// Throws Error for a baseline or an end of the recovery that no record has, and for one end alone.
std::string compare(const run::Records& records, const CompareOptions& options);

}  // namespace gapbench::compare
