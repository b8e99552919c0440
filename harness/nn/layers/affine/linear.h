// The linear layer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "nn/layers/affine/affine.h"

namespace gapbench::nn {

/// Fully connected layer on all n = height * width * channels inputs of an example,
///
///   y = x W^T + b       x [examples, n]   W [out, n]   b [out]   y [examples, out]
///
/// with P(x, W) = x W^T, D(dy, W) = dy W, G(x, dy) = dy^T x in the four passes of Affine. Inputs
/// are numbered as they lie in memory: (row, column, channel). Output shape 1 x 1 x out. `bias`
/// false leaves b out, as in front of a normalization, where it would change nothing.
///
/// oneDNN: inner_product; in f32 weights stay in plain order: nothing is relaid, and gradients are
/// written straight to their place.
std::unique_ptr<Layer> make_linear(std::string name, const Engine& engine, ImageShape input,
                                   std::size_t outputs, double gain, bool bias = true);

}  // namespace gapbench::nn
