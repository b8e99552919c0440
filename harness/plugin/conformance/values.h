// Values of options to try.
#pragma once

#include <vector>

#include "gapbench/plugin.h"

namespace gapbench::plugin::conformance {

/// Just outside the declared range, for every bound that there is.
std::vector<OptionValue> values_outside(const OptionSpec& spec);
/// At the edge of what is declared valid, both ends of a real range; of integers the low one, so
/// that nothing grows large.
std::vector<OptionValue> values_at_edges(const OptionSpec& spec);
/// Valid, and other than the example's. None for what is handed over or is a text.
std::vector<OptionValue> other_values(const Component& component, const OptionSpec& spec);

}  // namespace gapbench::plugin::conformance
