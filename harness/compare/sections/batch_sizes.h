// Steps against batch size, as tables.
#pragma once

#include <string>

#include "compare/findings/batch_curves.h"
#include "compare/pages/page.h"

namespace gapbench::compare {

/// Of each curve of the section: a table with a line a batch size (seeds, misses, steps, examples, the
/// settings that were best, the fitted curve, the regime) and what the fit says. Empty where no method
/// has three batch sizes.
Page batch_sizes(const Section& section, const Target& target, const CostsToTarget& costs);

/// "perfect scaling", "diminishing returns or maximal data parallelism".
std::string regime_text(const Regimes& regimes);

/// How to read these tables.
std::string batch_sizes_legend();

}  // namespace gapbench::compare
