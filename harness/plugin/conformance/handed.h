// What the contract check hands to components that ask for more than values.
#pragma once

#include "plugin/registry.h"

namespace gapbench::plugin::conformance {

/// For every inner optimizer, whatever its name, plain momentum descent with state of its own,
///   v <- d v + g,  w <- w - 0.05 f(k) v,   d = 1/2, of a second one 1/4 and so on;
/// for every trajectory a thousand steps of length 0.01; for parameters a normal vector of
/// `dimension`; 0: as long as those of the reference problem.
Handed reference_parts(const Component& component, std::size_t dimension = 0);

}  // namespace gapbench::plugin::conformance
