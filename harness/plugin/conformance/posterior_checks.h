// The contract of posteriors, own or fitted.
#pragma once

#include <string>

#include "gapbench/posterior.h"
#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {

/// Of a posterior over `dimension` parameters that has learned what it needs: its draws, what it
/// says of itself. Names of checks begin with `place`.
void check_draws(const Posterior& posterior, std::size_t dimension, const std::string& place,
                 Checks& checks);

}  // namespace gapbench::plugin::conformance
