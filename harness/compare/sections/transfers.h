// What carries over from data set to data set, as tables.
#pragma once

#include <string>
#include <vector>

#include "compare/findings/findings.h"
#include "compare/pages/page.h"

namespace gapbench::compare {

/// A table for each pair of data sets and each metric, with one line for each method: both effects,
/// the carried share, what is lost on the way, and the verdict. Methods and baselines that have not
/// fitted say where. `explained` adds the sentences that say where each share lies. Empty without
/// pairs.
Page carried_over(const Aggregate& all, const std::vector<std::string>& metrics, bool explained,
                  Digits digits = Digits::own);

}  // namespace gapbench::compare
