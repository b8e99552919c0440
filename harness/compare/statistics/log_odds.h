// A scale for accuracies of different height.
#pragma once

#include <optional>

namespace gapbench::compare {

/// log(p / (1 - p)) of a share p: a step that halves the odds of an error is the same everywhere,
/// at 57 as at 20 % (Berkson 1944, "Application of the logistic function to bio-assay", J. Am.
/// Stat. Assoc. 39). Nothing at 0 and 1, where it is infinite. Throws Error outside [0, 1] and for
/// NaN.
std::optional<double> log_odds(double share);

}  // namespace gapbench::compare
