// The result tables people read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/findings/claims.h"
#include "compare/findings/findings.h"
#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"
#include "compare/rows/columns.h"
#include "compare/rows/point.h"
#include "compare/rows/presence.h"
#include "compare/rows/selection.h"
#include "compare/rows/target.h"
#include "compare/sections/notes.h"
#include "compare/sections/recoveries.h"

namespace gapbench::compare {

struct TableOptions {
  Selection selection{};  ///< that the records were selected by
  At at = At::final;
  std::size_t twins = 0;                       ///< see Folded
  std::map<std::string, std::string> notes{};  ///< problem_key to what AtPoint says of it
  std::string images{};                        ///< which test images count; empty: all
  std::vector<std::string> metrics{};          ///< empty: all, see columns_of and metrics_of
  RecoveryEnds ends{};
  bool explained = false;            ///< the rule that led to each verdict
  bool over_problems = false;        ///< one number for several problems
  bool by_image = false;             ///< what single test images got
  Digits digits = Digits::own;       ///< of the numbers of a column
  std::vector<Answer> answers{};     ///< what became of the suites' claims
  std::optional<Target> to{};        ///< what it cost to get there
  CostsToTarget costs{};             ///< of that
  std::vector<Presence> presence{};  ///< of all records, whatever is selected
};

/// One data set and network: heading, settings, results, differences, probes. `builds`: builds_of.
Page section_page(const records::Records& records, const Comparison& comparison,
                  const Aggregate& all, const TableOptions& options, const Builds& builds);

/// Per data set and network: the settings that differ, then one row a method with published
/// numbers beside ours, then each row against the baseline. What is reported, which set-ups differ
/// and what all rows share stand above, before that what became of the claims; which findings carry over from data set to data set, how to
/// read it, and what was left out, below.
Page tables(const records::Records& records, const Aggregate& all, const TableOptions& options);

}  // namespace gapbench::compare
