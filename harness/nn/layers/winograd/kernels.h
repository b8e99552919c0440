// Winograd's convolution and its gradient.
//
// Images lie in blocks of 16 channels, [examples, channels / 16, height, width, 16], floats or
// Bf16. A tile of the output is 4x4 pixels; it reads 6x6 of the input, zeros outside the image.
// Everything between the images is f32:
//
//   transformed input    V [point, input block, tile, 16]      B^T d B
//   transformed filter   U [point, output block, input block, 16 inputs, 16 outputs]   G g G^T
//   transformed output   M [point, output block, tile, 16]     sum over inputs of V U
//
// Tiles are worked on in groups that stay in cache. Nothing is allocated; sums have one order.
#pragma once

#include <cstddef>
#include <span>

#include "nn/bf16.h"
#include "nn/layers/winograd/shape.h"

namespace gapbench::nn::winograd {

/// Floats that convolve() of up to `terms` terms works in.
std::size_t convolve_room(const Shape& shape, std::size_t terms);
/// Floats that correlate() works in, the transformed gradient included.
std::size_t correlate_room(const Shape& shape);

/// One product of a sum of convolutions.
template <class T>
struct Term {
  const T* image;
  const float* filter;  ///< transformed
};

/// y = sum over terms of (image * filter) + bias; `bias` [outputs] or null.
/// Cost: inputs * outputs / 16 * 36 multiply-adds of vectors a tile and term, a quarter of the
/// direct sum's, and the transforms.
void convolve(const Shape& shape, std::span<const Term<float>> terms, const float* bias, float* y,
              float* room);
void convolve(const Shape& shape, std::span<const Term<Bf16>> terms, const float* bias, Bf16* y,
              float* room);

/// Two images whose correlation is a filter's gradient.
template <class T>
struct Pair {
  const T* image;      ///< of inputs
  const T* cotangent;  ///< of outputs
};

/// gradient [outputs, inputs, 3, 3] = sum over pairs, examples and pixels of the adjoint in the
/// filter. bias_gradient [outputs] = the sum of the first pair's cotangent; null: not wanted.
void correlate(const Shape& shape, std::span<const Pair<float>> pairs, float* gradient,
               float* bias_gradient, float* room);
void correlate(const Shape& shape, std::span<const Pair<Bf16>> pairs, float* gradient,
               float* bias_gradient, float* room);

}  // namespace gapbench::nn::winograd
