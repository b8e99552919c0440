// The linear layer.
#pragma once

#include <cstddef>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>

#include "nn/layers/affine.h"

namespace gapbench::nn {

/// Fully connected layer on all n = height * width * channels inputs of an example,
///
///   y = x W^T + b       x [examples, n]   W [out, n]   b [out]   y [examples, out]
///
/// with P(x, W) = x W^T, D(dy, W) = dy W, G(x, dy) = dy^T x in the four passes of Affine. Inputs
/// are numbered as they lie in memory: (row, column, channel). Output shape 1 x 1 x out.
///
/// oneDNN: inner_product, weights in plain order throughout: nothing is relaid, and gradients are
/// written straight to their place.
std::unique_ptr<Layer> make_linear(std::string name, const dnnl::engine& engine, ImageShape input,
                                   std::size_t outputs, double gain);

}  // namespace gapbench::nn
