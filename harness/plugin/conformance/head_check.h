// A head's derivatives against differences.
#pragma once

#include "gapbench/head.h"

namespace gapbench::plugin::conformance {

/// Throws Violation where, at these outputs, the head's cotangent is not the derivative of its value
/// or its curvature not that of its cotangent. Heads that come with the interface are not looked at.
void require_derivatives(const Head& head, const Outputs& z);

}  // namespace gapbench::plugin::conformance
