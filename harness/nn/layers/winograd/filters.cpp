#include "nn/layers/winograd/filters.h"

#include "nn/layers/isa.h"
#include "nn/layers/lanes.h"
#include "nn/layers/winograd/transforms.h"

namespace gapbench::nn::winograd {
namespace {

constexpr std::size_t taps_square = taps * taps;

/// Sixteen by sixteen channels of a filter: for one channel and one tap, 16 others side by side.
using Square = float[lanes][taps_square][lanes];

/// [input][tap][output], or for the adjoint [output][tap, turned][input].
[[gnu::always_inline]] inline void read_square(const Shape& s, const float* filter, std::size_t out,
                                               std::size_t in, bool adjoint, Square& square) {
  for (std::size_t o = 0; o < lanes; ++o) {
    const float* const row = filter + ((out * lanes + o) * s.inputs + in * lanes) * taps_square;
    for (std::size_t i = 0; i < lanes; ++i) {
      for (std::size_t tap = 0; tap < taps_square; ++tap) {
        const float x = row[i * taps_square + tap];
        if (adjoint) {
          square[o][taps_square - 1 - tap][i] = x;
        } else {
          square[i][tap][o] = x;
        }
      }
    }
  }
}

[[gnu::always_inline]] inline void write_square(const Shape& s, const Square& square,
                                                std::size_t out, std::size_t in, float* filter) {
  for (std::size_t o = 0; o < lanes; ++o) {
    float* const row = filter + ((out * lanes + o) * s.inputs + in * lanes) * taps_square;
    for (std::size_t i = 0; i < lanes; ++i) {
      for (std::size_t tap = 0; tap < taps_square; ++tap) {
        row[i * taps_square + tap] = square[i][tap][o];
      }
    }
  }
}

/// G g G^T of the filters between one channel and 16 others, to u[point * stride].
[[gnu::always_inline]] inline void transform_taps(const float (&g)[taps_square][lanes], float* u,
                                                  std::size_t stride) {
  Lanes half[side][taps];
  for (std::size_t b = 0; b < taps; ++b) {
    const Lanes column[taps] = {load(g[b]), load(g[taps + b]), load(g[2 * taps + b])};
    Lanes line[side];
    filter_line(column, line);
    for (std::size_t p = 0; p < side; ++p) half[p][b] = line[p];
  }
  for (std::size_t p = 0; p < side; ++p) {
    Lanes line[side];
    filter_line(half[p], line);
    for (std::size_t q = 0; q < side; ++q) store(line[q], u + (p * side + q) * stride);
  }
}

[[gnu::always_inline]] inline void do_transform_filter(const Shape& s, const float* filter,
                                                       bool adjoint, float* u) {
  Square square;
  for (std::size_t out = 0; out < blocks(s.outputs); ++out) {
    for (std::size_t in = 0; in < blocks(s.inputs); ++in) {
      read_square(s, filter, out, in, adjoint, square);
      const std::size_t place =
          adjoint ? in * blocks(s.outputs) + out : out * blocks(s.inputs) + in;
      for (std::size_t c = 0; c < lanes; ++c) {
        transform_taps(square[c], u + (place * lanes + c) * lanes, s.inputs * s.outputs);
      }
    }
  }
}

/// G^T du G between one input and 16 outputs.
[[gnu::always_inline]] inline void transform_points(const float* du, std::size_t stride,
                                                    float (&g)[taps_square][lanes]) {
  Lanes half[taps][side];
  for (std::size_t q = 0; q < side; ++q) {
    Lanes column[side];
    for (std::size_t p = 0; p < side; ++p) column[p] = load(du + (p * side + q) * stride);
    Lanes line[taps];
    filter_gradient_line(column, line);
    for (std::size_t a = 0; a < taps; ++a) half[a][q] = line[a];
  }
  for (std::size_t a = 0; a < taps; ++a) {
    Lanes line[taps];
    filter_gradient_line(half[a], line);
    for (std::size_t b = 0; b < taps; ++b) store(line[b], g[a * taps + b]);
  }
}

[[gnu::always_inline]] inline void do_transform_gradient(const Shape& s, const float* du,
                                                         float* gradient) {
  Square square;
  for (std::size_t out = 0; out < blocks(s.outputs); ++out) {
    for (std::size_t in = 0; in < blocks(s.inputs); ++in) {
      const std::size_t place = out * blocks(s.inputs) + in;
      for (std::size_t c = 0; c < lanes; ++c) {
        transform_points(du + (place * lanes + c) * lanes, s.inputs * s.outputs, square[c]);
      }
      write_square(s, square, out, in, gradient);
    }
  }
}

}  // namespace

std::size_t filter_size(const Shape& s) { return points * s.inputs * s.outputs; }

GAPBENCH_FOR_EACH_ISA
void transform_filter(const Shape& s, const float* filter, float* u) {
  do_transform_filter(s, filter, false, u);
}

GAPBENCH_FOR_EACH_ISA
void transform_adjoint_filter(const Shape& s, const float* filter, float* u) {
  do_transform_filter(s, filter, true, u);
}

GAPBENCH_FOR_EACH_ISA
void transform_filter_gradient(const Shape& s, const float* du, float* gradient) {
  do_transform_gradient(s, du, gradient);
}

}  // namespace gapbench::nn::winograd
