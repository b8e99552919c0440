// A tile of an image to and from the 36 points of the transform.
#pragma once

#include <cstddef>

#include "nn/layers/lanes.h"
#include "nn/layers/winograd/shape.h"
#include "nn/layers/winograd/transforms.h"

namespace gapbench::nn::winograd {

/// Where a tile lies.
struct Tile {
  std::size_t example;
  std::size_t row;  // of its first pixel
  std::size_t column;
};

[[gnu::always_inline]] inline Tile tile_at(const Shape& s, std::size_t index) {
  const std::size_t across = s.tiles_across();
  const std::size_t an_image = s.tiles_down() * across;
  const std::size_t in_image = index % an_image;
  return {index / an_image, in_image / across * kept, in_image % across * kept};
}

/// One block of channels of one example.
template <class T>
[[gnu::always_inline]] inline T* plane(const Shape& s, T* image, std::size_t channels,
                                       std::size_t example, std::size_t block) {
  return image + (example * blocks(channels) + block) * s.height * s.width * lanes;
}

/// B^T d B of one tile to t[point * stride].
template <class T>
[[gnu::always_inline]] inline void transform_input(const Shape& s, const T* from, const Tile& tile,
                                                   float* t, std::size_t stride) {
  Lanes half[side][side];  // [point down, column]
  const Lanes zero = {};
  const std::size_t row = s.width * lanes;
  const std::size_t rows = s.height - tile.row;  // from the tile's first to the last
  const T* const corner = from + tile.row * row + tile.column * lanes;
#pragma GCC unroll 6
  for (std::size_t j = 0; j < side; ++j) {
    const std::size_t x = tile.column + j;  // one to the right of the column
    if (x == 0 || x > s.width) {
#pragma GCC unroll 6
      for (std::size_t i = 0; i < side; ++i) half[i][j] = zero;
      continue;
    }
    const T* const pixel = corner + j * lanes - lanes;
    Lanes d[side];
    d[0] = tile.row > 0 ? load(pixel - row) : zero;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < side - 1; ++i) {
      d[i + 1] = i < rows ? load(pixel + i * row) : zero;
    }
    Lanes line[side];
    input_line(d, line);
#pragma GCC unroll 6
    for (std::size_t i = 0; i < side; ++i) half[i][j] = line[i];
  }
#pragma GCC unroll 6
  for (std::size_t i = 0; i < side; ++i) {
    Lanes line[side];
    input_line(half[i], line);
#pragma GCC unroll 6
    for (std::size_t j = 0; j < side; ++j) store(line[j], t + (i * side + j) * stride);
  }
}

/// A dy A^T of one tile.
template <class T>
[[gnu::always_inline]] inline void transform_cotangent(const Shape& s, const T* from,
                                                       const Tile& tile, float* t,
                                                       std::size_t stride) {
  Lanes half[side][kept];
  const Lanes zero = {};
  const std::size_t row = s.width * lanes;
  const std::size_t rows = s.height - tile.row;
  const std::size_t columns = s.width - tile.column;
  const T* const corner = from + tile.row * row + tile.column * lanes;
#pragma GCC unroll 4
  for (std::size_t j = 0; j < kept; ++j) {
    Lanes d[kept];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kept; ++i) {
      d[i] = i < rows && j < columns ? load(corner + i * row + j * lanes) : zero;
    }
    Lanes line[side];
    cotangent_line(d, line);
#pragma GCC unroll 6
    for (std::size_t i = 0; i < side; ++i) half[i][j] = line[i];
  }
#pragma GCC unroll 6
  for (std::size_t i = 0; i < side; ++i) {
    Lanes line[side];
    cotangent_line(half[i], line);
#pragma GCC unroll 6
    for (std::size_t j = 0; j < side; ++j) store(line[j], t + (i * side + j) * stride);
  }
}

/// A^T m A + bias of one tile.
template <class T>
[[gnu::always_inline]] inline void transform_output(const Shape& s, const float* m,
                                                    std::size_t stride, const Lanes& bias,
                                                    const Tile& tile, T* to) {
  Lanes half[kept][side];
#pragma GCC unroll 6
  for (std::size_t j = 0; j < side; ++j) {
    Lanes column[side];
#pragma GCC unroll 6
    for (std::size_t i = 0; i < side; ++i) column[i] = load(m + (i * side + j) * stride);
    Lanes line[kept];
    output_line(column, line);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kept; ++i) half[i][j] = line[i];
  }
  const std::size_t row = s.width * lanes;
  const std::size_t rows = s.height - tile.row;
  const std::size_t columns = s.width - tile.column;
  T* const corner = to + tile.row * row + tile.column * lanes;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kept; ++i) {
    if (i >= rows) break;
    Lanes line[kept];
    output_line(half[i], line);
#pragma GCC unroll 4
    for (std::size_t j = 0; j < kept; ++j) {
      if (j < columns) store(line[j] + bias, corner + i * row + j * lanes);
    }
  }
}

}  // namespace gapbench::nn::winograd
