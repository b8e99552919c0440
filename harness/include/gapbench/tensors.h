// What a network's tensors say of it.
#pragma once

#include <algorithm>
#include <span>

#include "gapbench/parameters.h"

namespace gapbench {

/// Whether it has a scale or shift of a normalization.
inline bool has_normalization(std::span<const TensorInfo> tensors) {
  return std::any_of(tensors.begin(), tensors.end(), [](const TensorInfo& t) {
    return t.kind == TensorKind::scale || t.kind == TensorKind::shift;
  });
}

}  // namespace gapbench
