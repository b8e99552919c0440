#include "nn/layers/normalization_sweeps.h"

#include <algorithm>

#include "nn/layers/isa.h"

namespace gapbench::nn::sweep {

GAPBENCH_FOR_EACH_ISA
void add_moments(Rows rows, const float* __restrict__ x, const float* __restrict__ shift,
                 float* __restrict__ one, float* __restrict__ two) {
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      const float d = x[start + i] - shift[i];
      one[i] += d;
      two[i] += d * d;
    }
  }
}

GAPBENCH_FOR_EACH_ISA
void normalize(Rows rows, const float* __restrict__ x, const float* __restrict__ mean,
               const float* __restrict__ scale, const float* __restrict__ add,
               float* __restrict__ y) {
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      y[start + i] = scale[i] * (x[start + i] - mean[i]) + add[i];
    }
  }
}

GAPBENCH_FOR_EACH_ISA
void add_products(Rows rows, const float* __restrict__ u, const float* __restrict__ x,
                  const float* __restrict__ mean, float* __restrict__ one,
                  float* __restrict__ two) {
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      one[i] += u[start + i];
      two[i] += u[start + i] * (x[start + i] - mean[i]);
    }
  }
}

GAPBENCH_FOR_EACH_ISA
void combine(Rows rows, const float* __restrict__ u, const float* __restrict__ x, const Pair& k,
             float* __restrict__ to) {
  const auto [mean, a, b, c] = k;
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      to[start + i] = a[i] * u[start + i] + b[i] * (x[start + i] - mean[i]) + c[i];
    }
  }
}

GAPBENCH_FOR_EACH_ISA
void add_moved_products(Rows rows, const Streams& s, const float* __restrict__ mean,
                        const float* __restrict__ moved_mean, float* __restrict__ one,
                        float* __restrict__ two) {
  const auto [moved_g, g, moved_x, x] = s;
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = start + i;
      one[i] += moved_g[at];
      two[i] += moved_g[at] * (x[at] - mean[i]) + g[at] * (moved_x[at] - moved_mean[i]);
    }
  }
}

GAPBENCH_FOR_EACH_ISA
void combine_moved(Rows rows, const Streams& s, const Quad& k, float* __restrict__ to) {
  const auto [moved_g, g, moved_x, x] = s;
  const auto [mean, a, b, c, d, e] = k;
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = start + i;
      to[at] =
          a[i] * moved_g[at] + b[i] * g[at] + c[i] * moved_x[at] + d[i] * (x[at] - mean[i]) + e[i];
    }
  }
}

}  // namespace gapbench::nn::sweep
