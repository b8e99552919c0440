// The contract of posteriors, own or fitted.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gapbench/posterior.h"
#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {

/// Makes a posterior that has learned what it needs; each check makes its own.
using MakePosterior = std::function<std::shared_ptr<const Posterior>()>;

/// Of a posterior over `dimension` parameters: its draws, what it says of itself. Names of checks
/// begin with `place`.
void check_draws(const MakePosterior& make, std::size_t dimension, const std::string& place,
                 Checks& checks);

}  // namespace gapbench::plugin::conformance
