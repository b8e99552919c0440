// The convolution layer by Winograd's algorithm.
#pragma once

#include <memory>
#include <string>

#include "nn/layers/convolution.h"

namespace gapbench::nn::winograd {

/// Whether make_convolution() here takes it: 3x3, stride 1, padding 1, channels in blocks of 16 on
/// both sides.
bool takes(ImageShape input, const ConvolutionShape& shape) noexcept;

/// The convolution of layers/convolution.h as F(4x4, 3x3): a quarter of the multiplications, sums
/// in f32, rounding some ten times that of the direct sum. With Precision::bf16 the images and the
/// filter are rounded to bfloat16, what lies between them is not.
///
/// Both products of a tangent pass are summed before the output's transform, both of a tangent
/// weight gradient before the filter's: the four passes cost 1, 2, 2 and 4 products, less the
/// transforms they share.
/// Errors: those of layers/convolution.h.
std::unique_ptr<Layer> make_convolution(std::string name, ImageShape input,
                                        const ConvolutionShape& shape, double gain);

}  // namespace gapbench::nn::winograd
