// Sums of exponentials: what heads over classes share.
#pragma once

#include <span>

#include "gapbench/export.h"

namespace gapbench {

/// log sum_c exp z_c, with the maximum taken out first, in double: log softmax(z)_c is z_c minus it.
/// At least one number.
GAPBENCH_API double log_sum_exp(std::span<const float> z);

}  // namespace gapbench
