#include "nn/layers/winograd/group.h"

#include "nn/layers/isa.h"
#include "nn/layers/lanes.h"
#include "nn/layers/winograd/tiles.h"

namespace gapbench::nn::winograd {
namespace {

constexpr std::size_t square = lanes * lanes;

template <class T>
[[gnu::always_inline]] inline void do_transform_inputs(const Shape& s, const T* image, Range tiles,
                                                       const Group& v) {
  for (std::size_t t = 0; t < tiles.count; ++t) {
    const Tile tile = tile_at(s, tiles.first + t);
    for (std::size_t i = 0; i < v.blocks; ++i) {
      transform_input(s, plane(s, image, s.inputs, tile.example, i), tile, v.at(0, i) + t * lanes,
                      v.stride());
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void do_transform_cotangents(const Shape& s, const T* image,
                                                           Range tiles, const Group& d) {
  for (std::size_t t = 0; t < tiles.count; ++t) {
    const Tile tile = tile_at(s, tiles.first + t);
    for (std::size_t o = 0; o < d.blocks; ++o) {
      transform_cotangent(s, plane(s, image, s.outputs, tile.example, o), tile,
                          d.at(0, o) + t * lanes, d.stride());
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void do_transform_outputs(const Shape& s, const Group& m,
                                                        const float* bias, Range tiles, T* image) {
  for (std::size_t t = 0; t < tiles.count; ++t) {
    const Tile tile = tile_at(s, tiles.first + t);
    for (std::size_t o = 0; o < m.blocks; ++o) {
      const Lanes b = bias != nullptr ? load(bias + o * lanes) : Lanes{};
      transform_output(s, m.at(0, o) + t * lanes, m.stride(), b, tile,
                       plane(s, image, s.outputs, tile.example, o));
    }
  }
}

/// acc += V U for some tiles and some blocks of outputs.
template <std::size_t Outputs, std::size_t Tiles>
[[gnu::always_inline]] inline void add_products(const float* v, const float* u,
                                                std::size_t output_stride,
                                                Lanes (&acc)[Outputs][Tiles]) {
  for (std::size_t c = 0; c < lanes; ++c) {
    Lanes filter[Outputs];
    for (std::size_t o = 0; o < Outputs; ++o) filter[o] = load(u + o * output_stride + c * lanes);
#pragma GCC unroll 16
    for (std::size_t t = 0; t < Tiles; ++t) {
      const float x = v[t * lanes + c];
      for (std::size_t o = 0; o < Outputs; ++o) acc[o][t] += x * filter[o];
    }
  }
}

/// M of some blocks of outputs at one point, for all tiles. Sixteen sums fill the registers.
template <std::size_t Outputs>
[[gnu::always_inline]] inline void multiply_at(std::span<const Group> v,
                                               std::span<const float* const> u, std::size_t point,
                                               std::size_t output, std::size_t tiles,
                                               const Group& m) {
  constexpr std::size_t together = strip / Outputs;
  const std::size_t inputs = v[0].blocks;
  for (std::size_t start = 0; start < tiles; start += together) {
    Lanes acc[Outputs][together] = {};
    for (std::size_t k = 0; k < v.size(); ++k) {
      const float* const filter = u[k] + (point * m.blocks + output) * inputs * square;
      for (std::size_t i = 0; i < inputs; ++i) {
        add_products(v[k].at(point, i) + start * lanes, filter + i * square, inputs * square, acc);
      }
    }
    for (std::size_t o = 0; o < Outputs; ++o) {
      for (std::size_t t = 0; t < together; ++t) {
        store(acc[o][t], m.at(point, output + o) + (start + t) * lanes);
      }
    }
  }
}

/// du [16 inputs, 16 outputs] = or += sum over tiles of V^T D.
[[gnu::always_inline]] inline void multiply_outer_at(const float* v, const float* d,
                                                     std::size_t tiles, Sum sum, float* du) {
  Lanes acc[lanes];
#pragma GCC unroll 16
  for (std::size_t c = 0; c < lanes; ++c) {
    acc[c] = sum == Sum::begins ? Lanes{} : load(du + c * lanes);
  }
  for (std::size_t t = 0; t < tiles; ++t) {
    const Lanes right = load(d + t * lanes);
#pragma GCC unroll 16
    for (std::size_t c = 0; c < lanes; ++c) acc[c] += v[t * lanes + c] * right;
  }
#pragma GCC unroll 16
  for (std::size_t c = 0; c < lanes; ++c) store(acc[c], du + c * lanes);
}

}  // namespace

GAPBENCH_FOR_EACH_ISA
void transform_inputs(const Shape& s, const float* image, Range tiles, const Group& v) {
  do_transform_inputs(s, image, tiles, v);
}
GAPBENCH_FOR_EACH_ISA
void transform_inputs(const Shape& s, const Bf16* image, Range tiles, const Group& v) {
  do_transform_inputs(s, image, tiles, v);
}

GAPBENCH_FOR_EACH_ISA
void transform_cotangents(const Shape& s, const float* image, Range tiles, const Group& d) {
  do_transform_cotangents(s, image, tiles, d);
}
GAPBENCH_FOR_EACH_ISA
void transform_cotangents(const Shape& s, const Bf16* image, Range tiles, const Group& d) {
  do_transform_cotangents(s, image, tiles, d);
}

GAPBENCH_FOR_EACH_ISA
void transform_outputs(const Shape& s, const Group& m, const float* bias, Range tiles,
                       float* image) {
  do_transform_outputs(s, m, bias, tiles, image);
}
GAPBENCH_FOR_EACH_ISA
void transform_outputs(const Shape& s, const Group& m, const float* bias, Range tiles,
                       Bf16* image) {
  do_transform_outputs(s, m, bias, tiles, image);
}

GAPBENCH_FOR_EACH_ISA
void multiply(std::span<const Group> v, std::span<const float* const> u, std::size_t tiles,
              const Group& m) {
  for (std::size_t p = 0; p < points; ++p) {
    std::size_t o = 0;
    for (; o + 2 <= m.blocks; o += 2) multiply_at<2>(v, u, p, o, tiles, m);
    if (o < m.blocks) multiply_at<1>(v, u, p, o, tiles, m);
  }
}

GAPBENCH_FOR_EACH_ISA
void multiply_outer(const Group& v, const Group& d, std::size_t tiles, Sum sum, float* du) {
  for (std::size_t p = 0; p < points; ++p) {
    for (std::size_t o = 0; o < d.blocks; ++o) {
      for (std::size_t i = 0; i < v.blocks; ++i, du += square) {
        multiply_outer_at(v.at(p, i), d.at(p, o), tiles, sum, du);
      }
    }
  }
}

}  // namespace gapbench::nn::winograd
