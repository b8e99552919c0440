// The inner loops of normalization.
//
// Values lie in rows of `width` floats, the last row may be shorter; every coefficient and every
// sum is an array of `width` floats, one for each place in a row. Arrays of one call do not
// overlap unless it says so.
#pragma once

#include <cstddef>

#include "nn/bf16.h"

namespace gapbench::nn::sweep {

/// Rows of floats, `size` in all.
struct Rows {
  std::size_t size;
  std::size_t width;
};

// Numbers of tensors, T, are floats or Bf16; coefficients and sums are floats.

/// one += x - shift, two += (x - shift)^2
void add_moments(Rows rows, const float* x, const float* shift, float* one, float* two);
void add_moments(Rows rows, const Bf16* x, const float* shift, float* one, float* two);

/// y = scale (x - mean) + add [+ addend], [the larger of it and 0; NaN stays NaN]
struct Line {
  const float *mean, *scale, *add;
};
template <class T>
struct After {
  const T* addend = nullptr;
  bool rectify = false;
};
void normalize(Rows rows, const float* x, const Line& k, const After<float>& after, float* y);
void normalize(Rows rows, const Bf16* x, const Line& k, const After<Bf16>& after, Bf16* y);

/// one += u, two += u (x - mean)
void add_products(Rows rows, const float* u, const float* x, const float* mean, float* one,
                  float* two);
void add_products(Rows rows, const Bf16* u, const Bf16* x, const float* mean, float* one,
                  float* two);
/// First u = 0 where y <= 0.
void mask_and_add_products(Rows rows, const float* y, float* u, const float* x, const float* mean,
                           float* one, float* two);
void mask_and_add_products(Rows rows, const Bf16* y, Bf16* u, const Bf16* x, const float* mean,
                           float* one, float* two);

/// to = a u + b (x - mean) + c [+ addend], [0 where y <= 0]
struct Pair {
  const float *mean, *a, *b, *c;
};
template <class T>
struct Behind {
  const T* addend = nullptr;
  const T* y = nullptr;
};
void combine(Rows rows, const float* u, const float* x, const Pair& k, const Behind<float>& behind,
             float* to);
void combine(Rows rows, const Bf16* u, const Bf16* x, const Pair& k, const Behind<Bf16>& behind,
             Bf16* to);

/// The four streams of a tangent backward: g' and g, x' and x.
template <class T>
struct Streams {
  T* moved_g;
  const T *g, *moved_x, *x;
};
/// one += g', two += g' (x - mean) + g (x' - moved_mean); with a mask y, first g' = 0 where y <= 0.
void add_moved_products(Rows rows, const Streams<float>& s, const float* y, const float* mean,
                        const float* moved_mean, float* one, float* two);
void add_moved_products(Rows rows, const Streams<Bf16>& s, const Bf16* y, const float* mean,
                        const float* moved_mean, float* one, float* two);
/// to = a g' + b g + c x' + d (x - mean) + e
struct Quad {
  const float *mean, *a, *b, *c, *d, *e;
};
void combine_moved(Rows rows, const Streams<float>& s, const Quad& k, float* to);
void combine_moved(Rows rows, const Streams<Bf16>& s, const Quad& k, Bf16* to);

}  // namespace gapbench::nn::sweep
