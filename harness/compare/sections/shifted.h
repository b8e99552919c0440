// Predictions under shift, as tables.
#pragma once

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// One table a score: method and kind of shift, then mean ± deviation at each severity. Empty where no
/// trial of the section was predicted under shift.
Page shift_tables(const Section& section);

}  // namespace gapbench::compare
