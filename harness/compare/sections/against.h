// Each row against the baseline, as a table.
#pragma once

#include <string>

#include "compare/findings/findings.h"
#include "compare/pages/page.h"

namespace gapbench::compare {

/// "Against sgd, by seed | Seeds | Δ Test acc % | p | Beyond doubt | P(>) | Δ Error gap (secondary)
/// ...": differences by seed, of the metric that decides with Dunnett's interval and p, of others
/// with plain t intervals. Below it, the rows that are not in the comparison and those that make it
/// doubtful. `explained` adds each row's own t interval and the p of Wilcoxon's signed-rank test
/// where there are seeds enough for it to speak. Empty where no row has a seed in common with the
/// baseline.
Page against_baseline(const Comparison& comparison, const std::string& baseline,
                      bool explained = false, Digits digits = Digits::own);

}  // namespace gapbench::compare
