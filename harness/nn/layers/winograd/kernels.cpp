#include "nn/layers/winograd/kernels.h"

#include <algorithm>

#include "nn/layers/isa.h"
#include "nn/layers/winograd/filters.h"
#include "nn/layers/winograd/lanes.h"
#include "nn/layers/winograd/tiles.h"

namespace gapbench::nn::winograd {
namespace {

constexpr std::size_t sums = 16;     // of 16 outputs of one tile, side by side in registers
constexpr std::size_t strip = sums;  // tiles, at most, that are summed side by side

std::size_t up_to_strips(std::size_t tiles) { return (tiles + strip - 1) / strip * strip; }

/// Tiles worked on together, with about so many floats between their transforms: few, so that those
/// stay in cache; but a large filter must not be fetched for a few tiles only.
std::size_t group_of(const Shape& shape, std::size_t blocks_a_tile, std::size_t floats) {
  const std::size_t fit = floats / (points * lanes * blocks_a_tile);
  return std::min(std::max(strip, fit / strip * strip), up_to_strips(shape.tiles()));
}

// Measured on Zen 4 (32 KiB and 1 MiB of cache a core, 32 MiB for all).
std::size_t convolve_group(const Shape& shape, std::size_t terms) {
  const std::size_t floats = std::clamp<std::size_t>(filter_size(shape) / 4, 1 << 14, 1 << 22);
  return group_of(shape, terms * blocks(shape.inputs) + blocks(shape.outputs), floats);
}
std::size_t correlate_group(const Shape& shape) {
  const std::size_t floats = std::clamp<std::size_t>(filter_size(shape), 1 << 16, 1 << 22);
  return group_of(shape, blocks(shape.inputs) + blocks(shape.outputs), floats);
}

/// A group of transformed tiles of one image, [point, block, tile, 16].
struct Group {
  float* numbers;
  std::size_t blocks;
  std::size_t tiles;  // room for

  float* at(std::size_t point, std::size_t block) const {
    return numbers + point * stride() + block * tiles * lanes;
  }
  // An odd number of lines: the points of a tile must not fall on one set of the cache.
  std::size_t stride() const { return (blocks * tiles + 1 - blocks * tiles % 2) * lanes; }
  std::size_t size() const { return points * stride(); }
};

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

/// M of some blocks of outputs at one point, for all tiles.
template <std::size_t Outputs>
[[gnu::always_inline]] inline void multiply(std::span<const Group> v,
                                            std::span<const float* const> u, std::size_t point,
                                            std::size_t output, std::size_t tiles, const Group& m) {
  constexpr std::size_t together = sums / Outputs;
  constexpr std::size_t square = lanes * lanes;
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

/// Asks for the pixels that the next tiles read and write, while products keep the core busy.
template <bool Write, class T>
[[gnu::always_inline]] inline void fetch(const Shape& s, const T* image, std::size_t channels,
                                         std::size_t first, std::size_t tiles) {
  constexpr std::size_t line = 64 / sizeof(T);
  for (std::size_t t = first; t < std::min(first + tiles, s.tiles()); ++t) {
    const Tile tile = tile_at(s, t);
    for (std::size_t b = 0; b < blocks(channels); ++b) {
      const T* const corner =
          plane(s, image, channels, tile.example, b) + (tile.row * s.width + tile.column) * lanes;
      for (std::size_t i = 0; i < std::min(kept, s.height - tile.row); ++i) {
        for (std::size_t j = 0; j < kept * lanes; j += line) {
          __builtin_prefetch(corner + i * s.width * lanes + j, Write ? 1 : 0, 2);
        }
      }
    }
  }
}

constexpr std::size_t most_terms = 2;

template <class T>
[[gnu::always_inline]] inline void do_convolve(const Shape& s, std::span<const Term<T>> terms,
                                               const float* bias, T* y, float* room) {
  const std::size_t in = blocks(s.inputs);
  const std::size_t out = blocks(s.outputs);
  const std::size_t group = convolve_group(s, terms.size());
  Group v[most_terms];
  const float* u[most_terms];
  for (std::size_t k = 0; k < terms.size(); ++k) {
    v[k] = {room, in, group};
    u[k] = terms[k].filter;
    room += v[k].size();
  }
  const Group m{room, out, group};
  for (std::size_t first = 0; first < s.tiles(); first += group) {
    const std::size_t tiles = std::min(group, s.tiles() - first);
    for (std::size_t k = 0; k < terms.size(); ++k) {
      for (std::size_t t = 0; t < tiles; ++t) {
        const Tile tile = tile_at(s, first + t);
        for (std::size_t i = 0; i < in; ++i) {
          transform_input(s, plane(s, terms[k].image, s.inputs, tile.example, i), tile,
                          v[k].at(0, i) + t * lanes, v[k].stride());
        }
      }
    }
    for (std::size_t k = 0; k < terms.size(); ++k) {
      fetch<false>(s, terms[k].image, s.inputs, first + group, group);
    }
    fetch<true>(s, y, s.outputs, first, group);
    const std::span<const Group> all(v, terms.size());
    const std::span<const float* const> filters(u, terms.size());
    for (std::size_t p = 0; p < points; ++p) {
      std::size_t o = 0;
      for (; o + 2 <= out; o += 2) multiply<2>(all, filters, p, o, tiles, m);
      if (o < out) multiply<1>(all, filters, p, o, tiles, m);
    }
    for (std::size_t t = 0; t < tiles; ++t) {
      const Tile tile = tile_at(s, first + t);
      for (std::size_t o = 0; o < out; ++o) {
        const Lanes b = bias != nullptr ? load(bias + o * lanes) : Lanes{};
        transform_output(s, m.at(0, o) + t * lanes, m.stride(), b, tile,
                         plane(s, y, s.outputs, tile.example, o));
      }
    }
  }
}

/// du [16 inputs, 16 outputs] += sum over tiles of V^T D; = for the first group.
[[gnu::always_inline]] inline void add_outer_products(const float* v, const float* d,
                                                      std::size_t tiles, bool first, float* du) {
  Lanes acc[lanes];
#pragma GCC unroll 16
  for (std::size_t c = 0; c < lanes; ++c) acc[c] = first ? Lanes{} : load(du + c * lanes);
  for (std::size_t t = 0; t < tiles; ++t) {
    const Lanes right = load(d + t * lanes);
#pragma GCC unroll 16
    for (std::size_t c = 0; c < lanes; ++c) acc[c] += v[t * lanes + c] * right;
  }
#pragma GCC unroll 16
  for (std::size_t c = 0; c < lanes; ++c) store(acc[c], du + c * lanes);
}

template <class T>
[[gnu::always_inline]] inline void do_correlate(const Shape& s, std::span<const Pair<T>> pairs,
                                                float* gradient, float* bias_gradient,
                                                float* room) {
  const std::size_t in = blocks(s.inputs);
  const std::size_t out = blocks(s.outputs);
  const std::size_t group = correlate_group(s);
  constexpr std::size_t square = lanes * lanes;
  float* const du = room;
  if (bias_gradient != nullptr) std::fill_n(bias_gradient, s.outputs, 0.0F);
  const Group v{du + filter_size(s), in, group};
  const Group d{v.numbers + v.size(), out, group};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    for (std::size_t first = 0; first < s.tiles(); first += group) {
      const std::size_t tiles = std::min(group, s.tiles() - first);
      for (std::size_t t = 0; t < tiles; ++t) {
        const Tile tile = tile_at(s, first + t);
        for (std::size_t i = 0; i < in; ++i) {
          transform_input(s, plane(s, pairs[k].image, s.inputs, tile.example, i), tile,
                          v.at(0, i) + t * lanes, v.stride());
        }
        for (std::size_t o = 0; o < out; ++o) {
          transform_cotangent(s, plane(s, pairs[k].cotangent, s.outputs, tile.example, o), tile,
                              d.at(0, o) + t * lanes, d.stride());
        }
      }
      fetch<false>(s, pairs[k].image, s.inputs, first + group, group);
      fetch<false>(s, pairs[k].cotangent, s.outputs, first + group, group);
      for (std::size_t p = 0; p < points; ++p) {
        for (std::size_t o = 0; o < out; ++o) {
          for (std::size_t i = 0; i < in; ++i) {
            add_outer_products(v.at(p, i), d.at(p, o), tiles, k == 0 && first == 0,
                               du + ((p * out + o) * in + i) * square);
          }
        }
      }
      if (bias_gradient == nullptr || k > 0) continue;
      for (std::size_t o = 0; o < out; ++o) {  // at the point (1, 1) a tile's sum stands
        Lanes sum = load(bias_gradient + o * lanes);
        for (std::size_t t = 0; t < tiles; ++t) sum += load(d.at(side + 1, o) + t * lanes);
        store(sum, bias_gradient + o * lanes);
      }
    }
  }
  transform_filter_gradient(s, du, gradient);
}

}  // namespace

std::size_t convolve_room(const Shape& s, std::size_t terms) {
  const std::size_t group = convolve_group(s, terms);
  return terms * Group{nullptr, blocks(s.inputs), group}.size() +
         Group{nullptr, blocks(s.outputs), group}.size();
}

std::size_t correlate_room(const Shape& s) {
  const std::size_t group = correlate_group(s);
  return filter_size(s) + Group{nullptr, blocks(s.inputs), group}.size() +
         Group{nullptr, blocks(s.outputs), group}.size();
}

GAPBENCH_FOR_EACH_ISA
void convolve(const Shape& s, std::span<const Term<float>> terms, const float* bias, float* y,
              float* room) {
  do_convolve(s, terms, bias, y, room);
}
GAPBENCH_FOR_EACH_ISA
void convolve(const Shape& s, std::span<const Term<Bf16>> terms, const float* bias, Bf16* y,
              float* room) {
  do_convolve(s, terms, bias, y, room);
}

GAPBENCH_FOR_EACH_ISA
void correlate(const Shape& s, std::span<const Pair<float>> pairs, float* gradient,
               float* bias_gradient, float* room) {
  do_correlate(s, pairs, gradient, bias_gradient, room);
}
GAPBENCH_FOR_EACH_ISA
void correlate(const Shape& s, std::span<const Pair<Bf16>> pairs, float* gradient,
               float* bias_gradient, float* room) {
  do_correlate(s, pairs, gradient, bias_gradient, room);
}

}  // namespace gapbench::nn::winograd
