#include "nn/layers/winograd/filters.h"

#include "nn/layers/isa.h"
#include "nn/layers/winograd/lanes.h"
#include "nn/layers/winograd/transforms.h"

namespace gapbench::nn::winograd {
namespace {

/// u [point, row block, column block, 16 columns, 16 rows] of filters whose tap (a, b) for row r
/// and column c is tap(r, c, a, b).
template <class Tap>
[[gnu::always_inline]] inline void do_transform_filter(std::size_t rows, std::size_t columns,
                                                       Tap tap, float* u) {
  const std::size_t stride = rows * columns;
  for (std::size_t r = 0; r < blocks(rows); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      Lanes g[taps][taps];
      for (std::size_t a = 0; a < taps; ++a) {
        for (std::size_t b = 0; b < taps; ++b) {
          for (std::size_t k = 0; k < lanes; ++k) g[b][a][k] = tap(r * lanes + k, c, a, b);
        }
      }
      Lanes half[side][taps];
      for (std::size_t b = 0; b < taps; ++b) {
        Lanes line[side];
        filter_line(g[b], line);
        for (std::size_t p = 0; p < side; ++p) half[p][b] = line[p];
      }
      float* const to = u + ((r * blocks(columns) + c / lanes) * lanes + c % lanes) * lanes;
      for (std::size_t p = 0; p < side; ++p) {
        Lanes line[side];
        filter_line(half[p], line);
        for (std::size_t q = 0; q < side; ++q) store(line[q], to + (p * side + q) * stride);
      }
    }
  }
}

/// gradient [outputs, inputs, 3, 3] from du, laid out as U.
[[gnu::always_inline]] inline void do_transform_gradient(const Shape& s, const float* du,
                                                         float* gradient) {
  const std::size_t in = blocks(s.inputs);
  const std::size_t stride = blocks(s.outputs) * in * lanes * lanes;
  for (std::size_t place = 0; place < stride; place += lanes) {
    const std::size_t c = place / lanes % lanes;
    const std::size_t i = place / (lanes * lanes) % in;
    const std::size_t o = place / (lanes * lanes) / in;
    Lanes half[taps][side];
    for (std::size_t q = 0; q < side; ++q) {
      Lanes column[side];
      for (std::size_t p = 0; p < side; ++p) column[p] = load(du + (p * side + q) * stride + place);
      Lanes line[taps];
      filter_gradient_line(column, line);
      for (std::size_t a = 0; a < taps; ++a) half[a][q] = line[a];
    }
    float* const to = gradient + (o * lanes * s.inputs + i * lanes + c) * taps * taps;
    for (std::size_t a = 0; a < taps; ++a) {
      Lanes line[taps];
      filter_gradient_line(half[a], line);
      for (std::size_t b = 0; b < taps; ++b) {
        for (std::size_t k = 0; k < lanes; ++k) {
          to[k * s.inputs * taps * taps + a * taps + b] = line[b][k];
        }
      }
    }
  }
}

}  // namespace

std::size_t filter_size(const Shape& s) { return points * s.inputs * s.outputs; }

GAPBENCH_FOR_EACH_ISA
void transform_filter(const Shape& s, const float* filter, float* u) {
  const std::size_t row = s.inputs * taps * taps;
  do_transform_filter(
      s.outputs, s.inputs,
      [=](std::size_t o, std::size_t i, std::size_t a, std::size_t b) {
        return filter[o * row + i * taps * taps + a * taps + b];
      },
      u);
}

GAPBENCH_FOR_EACH_ISA
void transform_adjoint_filter(const Shape& s, const float* filter, float* u) {
  const std::size_t row = s.inputs * taps * taps;
  do_transform_filter(
      s.inputs, s.outputs,
      [=](std::size_t i, std::size_t o, std::size_t a, std::size_t b) {
        return filter[o * row + i * taps * taps + (taps - 1 - a) * taps + (taps - 1 - b)];
      },
      u);
}

GAPBENCH_FOR_EACH_ISA
void transform_filter_gradient(const Shape& s, const float* du, float* gradient) {
  do_transform_gradient(s, du, gradient);
}

}  // namespace gapbench::nn::winograd
