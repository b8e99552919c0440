#include "nn/layers/winograd/kernels.h"

#include <algorithm>

#include "nn/layers/winograd/filters.h"
#include "nn/layers/winograd/group.h"

namespace gapbench::nn::winograd {
namespace {

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

/// f(tiles) for groups of tiles, in order.
template <class F>
void for_each_group(const Shape& s, std::size_t group, F f) {
  for (std::size_t first = 0; first < s.tiles(); first += group) {
    f(Range{first, std::min(group, s.tiles() - first)});
  }
}

constexpr std::size_t most_terms = 2;

template <class T>
void do_convolve(const Shape& s, std::span<const Term<T>> terms, const float* bias, T* y,
                 float* room) {
  const std::size_t group = convolve_group(s, terms.size());
  Group v[most_terms];
  const float* u[most_terms];
  for (std::size_t k = 0; k < terms.size(); ++k) {
    v[k] = {room, blocks(s.inputs), group};
    u[k] = terms[k].filter;
    room += v[k].size();
  }
  const Group m{room, blocks(s.outputs), group};
  for_each_group(s, group, [&](Range tiles) {
    for (std::size_t k = 0; k < terms.size(); ++k) {
      transform_inputs(s, terms[k].image, tiles, v[k]);
    }
    multiply({v, terms.size()}, {u, terms.size()}, tiles.count, m);
    transform_outputs(s, m, bias, tiles, y);
  });
}

/// sum += every tile's sum: it stands at the point (1, 1).
void add_tile_sums(const Group& d, std::size_t tiles, float* sum) {
  for (std::size_t o = 0; o < d.blocks; ++o) {
    const float* const from = d.at(side + 1, o);
    for (std::size_t t = 0; t < tiles; ++t) {
      for (std::size_t c = 0; c < lanes; ++c) sum[o * lanes + c] += from[t * lanes + c];
    }
  }
}

template <class T>
void do_correlate(const Shape& s, std::span<const Pair<T>> pairs, float* gradient,
                  float* bias_gradient, float* room) {
  const std::size_t group = correlate_group(s);
  float* const du = room;
  const Group v{du + filter_size(s), blocks(s.inputs), group};
  const Group d{v.numbers + v.size(), blocks(s.outputs), group};
  if (bias_gradient != nullptr) std::fill_n(bias_gradient, s.outputs, 0.0F);
  Sum sum = Sum::begins;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    for_each_group(s, group, [&](Range tiles) {
      transform_inputs(s, pairs[k].image, tiles, v);
      transform_cotangents(s, pairs[k].cotangent, tiles, d);
      multiply_outer(v, d, tiles.count, sum, du);
      sum = Sum::goes_on;
      if (bias_gradient != nullptr && k == 0) add_tile_sums(d, tiles.count, bias_gradient);
    });
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

void convolve(const Shape& s, std::span<const Term<float>> terms, const float* bias, float* y,
              float* room) {
  do_convolve(s, terms, bias, y, room);
}
void convolve(const Shape& s, std::span<const Term<Bf16>> terms, const float* bias, Bf16* y,
              float* room) {
  do_convolve(s, terms, bias, y, room);
}

void correlate(const Shape& s, std::span<const Pair<float>> pairs, float* gradient,
               float* bias_gradient, float* room) {
  do_correlate(s, pairs, gradient, bias_gradient, room);
}
void correlate(const Shape& s, std::span<const Pair<Bf16>> pairs, float* gradient,
               float* bias_gradient, float* room) {
  do_correlate(s, pairs, gradient, bias_gradient, room);
}

}  // namespace gapbench::nn::winograd
