#include "nn/layers/normalization_sweeps.h"

#include <algorithm>

#include "nn/layers/isa.h"

namespace gapbench::nn::sweep {
namespace {

// f(place in the tensor, place in the row). The arrays of a sweep are disjoint or read and written
// at the same place, which the compiler cannot know.
template <class F>
[[gnu::always_inline]] inline void each(Rows rows, F f) {
  for (std::size_t start = 0; start < rows.size; start += rows.width) {
    const std::size_t n = std::min(rows.width, rows.size - start);
#pragma GCC ivdep
    for (std::size_t i = 0; i < n; ++i) f(start + i, i);
  }
}

[[gnu::always_inline]] inline float positive(float x) { return x < 0 ? 0.0F : x; }
[[gnu::always_inline]] inline float masked(float y, float x) { return y > 0 ? x : 0.0F; }

}  // namespace

// Closures capture by value: by reference, every store might change what they point at.

GAPBENCH_FOR_EACH_ISA
void add_moments(Rows rows, const float* x, const float* shift, float* one, float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    const float d = x[at] - shift[i];
    one[i] += d;
    two[i] += d * d;
  });
}

GAPBENCH_FOR_EACH_ISA
void normalize(Rows rows, const float* x, const Line& k, const After& after, float* y) {
  const auto [mean, scale, add] = k;
  const float* const z = after.addend;
  if (z != nullptr && after.rectify) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = positive(scale[i] * (x[at] - mean[i]) + add[i] + z[at]);
    });
  } else if (z != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = scale[i] * (x[at] - mean[i]) + add[i] + z[at];
    });
  } else if (after.rectify) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = positive(scale[i] * (x[at] - mean[i]) + add[i]);
    });
  } else {
    each(rows,
         [=](std::size_t at, std::size_t i) { y[at] = scale[i] * (x[at] - mean[i]) + add[i]; });
  }
}

GAPBENCH_FOR_EACH_ISA
void add_products(Rows rows, const float* u, const float* x, const float* mean, float* one,
                  float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    one[i] += u[at];
    two[i] += u[at] * (x[at] - mean[i]);
  });
}

GAPBENCH_FOR_EACH_ISA
void mask_and_add_products(Rows rows, const float* y, float* u, const float* x, const float* mean,
                           float* one, float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    const float g = masked(y[at], u[at]);
    u[at] = g;
    one[i] += g;
    two[i] += g * (x[at] - mean[i]);
  });
}

GAPBENCH_FOR_EACH_ISA
void combine(Rows rows, const float* u, const float* x, const Pair& k, float* to) {
  const auto [mean, a, b, c] = k;
  each(rows, [=](std::size_t at, std::size_t i) {
    to[at] = a[i] * u[at] + b[i] * (x[at] - mean[i]) + c[i];
  });
}

GAPBENCH_FOR_EACH_ISA
void combine_behind(Rows rows, const float* u, const float* x, const Pair& k, const Behind& behind,
                    float* to) {
  const auto [mean, a, b, c] = k;
  const auto [z, y] = behind;
  if (z != nullptr && y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = masked(y[at], a[i] * u[at] + b[i] * (x[at] - mean[i]) + c[i] + z[at]);
    });
  } else if (z != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = a[i] * u[at] + b[i] * (x[at] - mean[i]) + c[i] + z[at];
    });
  } else if (y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = masked(y[at], a[i] * u[at] + b[i] * (x[at] - mean[i]) + c[i]);
    });
  } else {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = a[i] * u[at] + b[i] * (x[at] - mean[i]) + c[i];
    });
  }
}

GAPBENCH_FOR_EACH_ISA
void add_moved_products(Rows rows, const Streams& s, const float* y, const float* mean,
                        const float* moved_mean, float* one, float* two) {
  const auto [moved_g, g, moved_x, x] = s;
  if (y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      const float u = masked(y[at], moved_g[at]);
      moved_g[at] = u;
      one[i] += u;
      two[i] += u * (x[at] - mean[i]) + g[at] * (moved_x[at] - moved_mean[i]);
    });
  } else {
    each(rows, [=](std::size_t at, std::size_t i) {
      one[i] += moved_g[at];
      two[i] += moved_g[at] * (x[at] - mean[i]) + g[at] * (moved_x[at] - moved_mean[i]);
    });
  }
}

GAPBENCH_FOR_EACH_ISA
void combine_moved(Rows rows, const Streams& s, const Quad& k, float* to) {
  const auto [moved_g, g, moved_x, x] = s;
  const auto [mean, a, b, c, d, e] = k;
  each(rows, [=](std::size_t at, std::size_t i) {
    to[at] =
        a[i] * moved_g[at] + b[i] * g[at] + c[i] * moved_x[at] + d[i] * (x[at] - mean[i]) + e[i];
  });
}

}  // namespace gapbench::nn::sweep
