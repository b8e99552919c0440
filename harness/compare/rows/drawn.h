// What a probe keeps for pictures.
#pragma once

#include "train/outcome.h"

namespace gapbench::compare {

/// Kept for a picture of the report alone, by its name, drawn_...: no column, no curve, no measure.
inline bool is_drawn(const train::ProbeValue& value) { return value.metric.starts_with("drawn_"); }

}  // namespace gapbench::compare
