// Linear layers and convolutions whose weights are Gaussian.
#pragma once

#include <memory>

#include "nn/layer.h"

namespace gapbench::nn {

/// A layer y = P(x, W) + b, as it is in a plain workspace; in a Gaussian one (Bench::gaussian) its weights
/// are N(W, S), N(b, s_b), drawn for each example where they are used, see gapbench::At::variances:
///
///   m = P(x, W) + b,   v = P(x^2, S) + s_b,   y = m + e sqrt(v)
///   dv = dy e / (2 sqrt(max(v, 1e-20)));   dS = G(x^2, dv),  ds_b = sum of dv
///   dx = D(dy, W) + 2 x D(dv, S)
///
/// with D and G as in layers/affine/affine.h; e are given in plain order, [height, width, channels] an
/// example. S = 0 is the plain pass. There are no tangent passes, example norms and Kronecker factors.
/// `variances` computes P(x^2, S), which must not come out below 0: the direct product where that of the layer
/// itself rounds like Winograd's, null: the same. Its output lies in memory as the layer's.
/// Numbers are f32. Cost: two products for one. Memory: twice the layer's, its own scratch, and in a Gaussian
/// workspace alone.
std::unique_ptr<Layer> make_gaussian(ImageShape input, std::unique_ptr<Layer> layer,
                                     std::unique_ptr<const Layer> variances);

}  // namespace gapbench::nn
