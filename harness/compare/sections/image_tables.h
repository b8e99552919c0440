// What rows got on single test images, as tables.
#pragma once

#include <string>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// Accuracy by class (up to 20 classes; of more the lowest, the quartiles and the highest), agreement of
/// predictions, and the share of each row's difference to the baseline that the choice of test images
/// could explain. Empty where no row kept outcomes. Reads one file a trial.
Page image_tables(const Section& section, const std::string& baseline);

}  // namespace gapbench::compare
