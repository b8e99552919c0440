#include "nn/layers/normalization/sweeps.h"

#include <algorithm>

#include "nn/layers/isa.h"

// Each sweep is written once, do_<name>, and compiled for both kinds of numbers and every
// instruction set. Closures capture by value: by reference, every store might change what they
// point at.

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

template <class T>
[[gnu::always_inline]] inline void do_add_moments(Rows rows, const T* x, const float* shift,
                                                  float* one, float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    const float d = widen(x[at]) - shift[i];
    one[i] += d;
    two[i] += d * d;
  });
}

template <class T>
[[gnu::always_inline]] inline void do_normalize(Rows rows, const T* x, const Line& k,
                                                const After<T>& after, T* y) {
  const auto [mean, scale, add] = k;
  const T* const z = after.addend;
  if (z != nullptr && after.rectify) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = narrow<T>(positive(scale[i] * (widen(x[at]) - mean[i]) + add[i] + widen(z[at])));
    });
  } else if (z != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = narrow<T>(scale[i] * (widen(x[at]) - mean[i]) + add[i] + widen(z[at]));
    });
  } else if (after.rectify) {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = narrow<T>(positive(scale[i] * (widen(x[at]) - mean[i]) + add[i]));
    });
  } else {
    each(rows, [=](std::size_t at, std::size_t i) {
      y[at] = narrow<T>(scale[i] * (widen(x[at]) - mean[i]) + add[i]);
    });
  }
}

template <class T>
[[gnu::always_inline]] inline void do_add_products(Rows rows, const T* u, const T* x,
                                                   const float* mean, float* one, float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    one[i] += widen(u[at]);
    two[i] += widen(u[at]) * (widen(x[at]) - mean[i]);
  });
}

template <class T>
[[gnu::always_inline]] inline void do_mask_and_add_products(Rows rows, const T* y, T* u, const T* x,
                                                            const float* mean, float* one,
                                                            float* two) {
  each(rows, [=](std::size_t at, std::size_t i) {
    const T kept = widen(y[at]) > 0 ? u[at] : T{};  // not rounded again
    u[at] = kept;
    const float g = widen(kept);
    one[i] += g;
    two[i] += g * (widen(x[at]) - mean[i]);
  });
}

template <class T>
[[gnu::always_inline]] inline void do_combine(Rows rows, const T* u, const T* x, const Pair& k,
                                              const Behind<T>& behind, T* to) {
  const auto [mean, a, b, c] = k;
  const auto [z, y] = behind;
  if (z != nullptr && y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] =
          narrow<T>(masked(widen(y[at]), a[i] * widen(u[at]) + b[i] * (widen(x[at]) - mean[i]) +
                                             c[i] + widen(z[at])));
    });
  } else if (z != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] =
          narrow<T>(a[i] * widen(u[at]) + b[i] * (widen(x[at]) - mean[i]) + c[i] + widen(z[at]));
    });
  } else if (y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = narrow<T>(
          masked(widen(y[at]), a[i] * widen(u[at]) + b[i] * (widen(x[at]) - mean[i]) + c[i]));
    });
  } else {
    each(rows, [=](std::size_t at, std::size_t i) {
      to[at] = narrow<T>(a[i] * widen(u[at]) + b[i] * (widen(x[at]) - mean[i]) + c[i]);
    });
  }
}

template <class T>
[[gnu::always_inline]] inline void do_add_moved_products(Rows rows, const Streams<T>& s, const T* y,
                                                         const float* mean, const float* moved_mean,
                                                         float* one, float* two) {
  const auto [moved_g, g, moved_x, x] = s;
  if (y != nullptr) {
    each(rows, [=](std::size_t at, std::size_t i) {
      const float u = masked(widen(y[at]), widen(moved_g[at]));
      moved_g[at] = narrow<T>(u);
      one[i] += u;
      two[i] += u * (widen(x[at]) - mean[i]) + widen(g[at]) * (widen(moved_x[at]) - moved_mean[i]);
    });
  } else {
    each(rows, [=](std::size_t at, std::size_t i) {
      const float u = widen(moved_g[at]);
      one[i] += u;
      two[i] += u * (widen(x[at]) - mean[i]) + widen(g[at]) * (widen(moved_x[at]) - moved_mean[i]);
    });
  }
}

template <class T>
[[gnu::always_inline]] inline void do_combine_moved(Rows rows, const Streams<T>& s, const Quad& k,
                                                    T* to) {
  const auto [moved_g, g, moved_x, x] = s;
  const auto [mean, a, b, c, d, e] = k;
  each(rows, [=](std::size_t at, std::size_t i) {
    to[at] = narrow<T>(a[i] * widen(moved_g[at]) + b[i] * widen(g[at]) + c[i] * widen(moved_x[at]) +
                       d[i] * (widen(x[at]) - mean[i]) + e[i]);
  });
}

}  // namespace

GAPBENCH_FOR_EACH_ISA
void add_moments(Rows rows, const float* x, const float* shift, float* one, float* two) {
  do_add_moments(rows, x, shift, one, two);
}
GAPBENCH_FOR_EACH_ISA
void add_moments(Rows rows, const Bf16* x, const float* shift, float* one, float* two) {
  do_add_moments(rows, x, shift, one, two);
}

GAPBENCH_FOR_EACH_ISA
void normalize(Rows rows, const float* x, const Line& k, const After<float>& after, float* y) {
  do_normalize(rows, x, k, after, y);
}
GAPBENCH_FOR_EACH_ISA
void normalize(Rows rows, const Bf16* x, const Line& k, const After<Bf16>& after, Bf16* y) {
  do_normalize(rows, x, k, after, y);
}

GAPBENCH_FOR_EACH_ISA
void add_products(Rows rows, const float* u, const float* x, const float* mean, float* one,
                  float* two) {
  do_add_products(rows, u, x, mean, one, two);
}
GAPBENCH_FOR_EACH_ISA
void add_products(Rows rows, const Bf16* u, const Bf16* x, const float* mean, float* one,
                  float* two) {
  do_add_products(rows, u, x, mean, one, two);
}

GAPBENCH_FOR_EACH_ISA
void mask_and_add_products(Rows rows, const float* y, float* u, const float* x, const float* mean,
                           float* one, float* two) {
  do_mask_and_add_products(rows, y, u, x, mean, one, two);
}
GAPBENCH_FOR_EACH_ISA
void mask_and_add_products(Rows rows, const Bf16* y, Bf16* u, const Bf16* x, const float* mean,
                           float* one, float* two) {
  do_mask_and_add_products(rows, y, u, x, mean, one, two);
}

GAPBENCH_FOR_EACH_ISA
void combine(Rows rows, const float* u, const float* x, const Pair& k, const Behind<float>& behind,
             float* to) {
  do_combine(rows, u, x, k, behind, to);
}
GAPBENCH_FOR_EACH_ISA
void combine(Rows rows, const Bf16* u, const Bf16* x, const Pair& k, const Behind<Bf16>& behind,
             Bf16* to) {
  do_combine(rows, u, x, k, behind, to);
}

GAPBENCH_FOR_EACH_ISA
void add_moved_products(Rows rows, const Streams<float>& s, const float* y, const float* mean,
                        const float* moved_mean, float* one, float* two) {
  do_add_moved_products(rows, s, y, mean, moved_mean, one, two);
}
GAPBENCH_FOR_EACH_ISA
void add_moved_products(Rows rows, const Streams<Bf16>& s, const Bf16* y, const float* mean,
                        const float* moved_mean, float* one, float* two) {
  do_add_moved_products(rows, s, y, mean, moved_mean, one, two);
}

GAPBENCH_FOR_EACH_ISA
void combine_moved(Rows rows, const Streams<float>& s, const Quad& k, float* to) {
  do_combine_moved(rows, s, k, to);
}
GAPBENCH_FOR_EACH_ISA
void combine_moved(Rows rows, const Streams<Bf16>& s, const Quad& k, Bf16* to) {
  do_combine_moved(rows, s, k, to);
}

}  // namespace gapbench::nn::sweep
