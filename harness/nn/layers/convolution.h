// The convolution layer.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "gapbench/layers.h"
#include "nn/layers/affine/affine.h"
#include "nn/layers/affine/patches.h"

namespace gapbench::nn {

/// Height or width of the output.
std::size_t output_extent(std::size_t input, const ConvolutionShape& shape) noexcept;

/// What each pixel of the output sees, without a bias's 1.
Patches patches_of(ImageShape input, const ConvolutionShape& shape) noexcept;

/// Two-dimensional cross-correlation with zero padding,
///
///   y[n, i, j, o] = b[o] + sum over (c, k, l) of W[o, c, k, l] x[n, i s + k - p, j s + l - p, c]
///
/// with kernel size K, stride s, padding p. It is linear in x and in W: P(x, W) in the four passes
/// of Affine. x [examples, h, w, c]; W [out, c, K, K]; y [examples, h', w', out] with
/// h' = floor((h + 2p - K) / s) + 1; columns likewise.
///
/// oneDNN's direct convolution, or Winograd's algorithm (layers/winograd) where the engine says so
/// and it pays: then activations lie in blocks of 16 channels, else channels-last. Weights and
/// their gradient are in the layout the kernels want, copied from and to plain order. Multiply-adds
/// counted: h' w' out c K K per example, taps on the padding included. Errors: a kernel larger than
/// the padded input; an extent, kernel, stride or output count of 0.
std::unique_ptr<Layer> make_convolution(std::string name, const Engine& engine, ImageShape input,
                                        const ConvolutionShape& shape, double gain);

}  // namespace gapbench::nn
