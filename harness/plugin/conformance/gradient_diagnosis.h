// What is wrong with a gradient that is not the value's.
#pragma once

#include <span>
#include <string>

#include "gapbench/parameters.h"

namespace gapbench::plugin::conformance {

/// In words, from the gradient that was given and the differences of the value along each
/// parameter: "is the value's with the wrong sign", "is 0.5 times the value's", "is right in U, b, not
/// in V", "goes as the 0.5th power of the value's", "is missing a term, or has one too many". Both
/// of the length of the parameters.
std::string diagnosis(std::span<const float> given, std::span<const float> difference,
                      std::span<const TensorInfo> tensors);

}  // namespace gapbench::plugin::conformance
