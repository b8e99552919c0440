// Filters to and from the points of the transform, compiled once for each x86-64 level.
//
//   transformed filter   U [point, output block, input block, 16 inputs, 16 outputs]   G g G^T
#pragma once

#include <cstddef>

#include "nn/layers/winograd/shape.h"

namespace gapbench::nn::winograd {

/// Floats of a transformed filter.
std::size_t filter_size(const Shape& shape);

/// Writes G g G^T of `filter` [outputs, inputs, 3, 3] to u.
void transform_filter(const Shape& shape, const float* filter, float* u);
/// Writes that of the adjoint's filter, turned by 180 degrees and [inputs, outputs, 3, 3].
void transform_adjoint_filter(const Shape& shape, const float* filter, float* u);

/// Writes G^T du G to `gradient` [outputs, inputs, 3, 3]; du is laid out as U. The adjoint of
/// transform_filter.
void transform_filter_gradient(const Shape& shape, const float* du, float* gradient);

}  // namespace gapbench::nn::winograd
