// Which settings the rows of a section do not share.
#pragma once

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// One line a row, one column a setting that several rows have and that differs; what one row alone
/// has, the options of its plugin as a rule, stands in the last column: "regularizer.l2: convention
/// half, lambda 0.001; batch_norm: ghost 32". Empty where nothing differs.
Page settings_table(const Section& section);

}  // namespace gapbench::compare
