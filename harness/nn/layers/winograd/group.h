// The work on a group of tiles: transforms of their pixels, products at their points. Each function
// is compiled once for each x86-64 level, and by itself: together in one function, their registers
// would run out.
#pragma once

#include <cstddef>
#include <span>

#include "nn/bf16.h"
#include "nn/layers/winograd/shape.h"
#include "nn/layers/winograd/transforms.h"

namespace gapbench::nn::winograd {

inline constexpr std::size_t strip = 16;  ///< tiles, at most, that are summed side by side

/// Transformed tiles of one image, [point, block of channels, tile, 16].
struct Group {
  float* numbers;
  std::size_t blocks;
  std::size_t tiles;  ///< room for; a multiple of `strip`

  float* at(std::size_t point, std::size_t block) const {
    return numbers + point * stride() + block * tiles * lanes;
  }
  // An odd number of lines: the points of a tile must not fall on one set of the cache.
  std::size_t stride() const { return (blocks * tiles + 1 - blocks * tiles % 2) * lanes; }
  std::size_t size() const { return points * stride(); }
};

/// Some of an image's tiles, numbered along rows, images one after the other.
struct Range {
  std::size_t first;
  std::size_t count;
};

/// B^T d B of an image of inputs.
void transform_inputs(const Shape& shape, const float* image, Range tiles, const Group& v);
void transform_inputs(const Shape& shape, const Bf16* image, Range tiles, const Group& v);

/// A dy A^T of an image of outputs.
void transform_cotangents(const Shape& shape, const float* image, Range tiles, const Group& d);
void transform_cotangents(const Shape& shape, const Bf16* image, Range tiles, const Group& d);

/// A^T m A + bias to an image of outputs; `bias` [outputs] or null.
void transform_outputs(const Shape& shape, const Group& m, const float* bias, Range tiles,
                       float* image);
void transform_outputs(const Shape& shape, const Group& m, const float* bias, Range tiles,
                       Bf16* image);

/// m = sum over k and inputs of v[k] u[k] for the first `tiles` tiles, rounded up to strips. Each u
/// is [point, output block, input block, 16 inputs, 16 outputs].
void multiply(std::span<const Group> v, std::span<const float* const> u, std::size_t tiles,
              const Group& m);

/// du [point, output block, input block, 16, 16] = or += sum over tiles of v^T d.
enum class Sum { begins, goes_on };
void multiply_outer(const Group& v, const Group& d, std::size_t tiles, Sum sum, float* du);

}  // namespace gapbench::nn::winograd
