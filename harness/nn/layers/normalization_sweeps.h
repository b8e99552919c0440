// The inner loops of normalization.
//
// Values lie in rows of `width` floats, the last row may be shorter; every coefficient and every
// sum is an array of `width` floats, one for each place in a row. Arrays of one call do not
// overlap unless it says so.
#pragma once

#include <cstddef>

namespace gapbench::nn::sweep {

/// Rows of floats, `size` in all.
struct Rows {
  std::size_t size;
  std::size_t width;
};

/// one += x - shift, two += (x - shift)^2
void add_moments(Rows rows, const float* x, const float* shift, float* one, float* two);

/// y = scale (x - mean) + add [+ addend], [the larger of it and 0; NaN stays NaN]
struct Line {
  const float *mean, *scale, *add;
};
struct After {
  const float* addend = nullptr;
  bool rectify = false;
};
void normalize(Rows rows, const float* x, const Line& k, const After& after, float* y);

/// one += u, two += u (x - mean)
void add_products(Rows rows, const float* u, const float* x, const float* mean, float* one,
                  float* two);
/// First u = 0 where y <= 0.
void mask_and_add_products(Rows rows, const float* y, float* u, const float* x, const float* mean,
                           float* one, float* two);

/// to = a u + b (x - mean) + c
struct Pair {
  const float *mean, *a, *b, *c;
};
void combine(Rows rows, const float* u, const float* x, const Pair& k, float* to);
/// to = a u + b (x - mean) + c [+ addend], [0 where y <= 0]
struct Behind {
  const float* addend = nullptr;
  const float* y = nullptr;
};
void combine_behind(Rows rows, const float* u, const float* x, const Pair& k, const Behind& behind,
                    float* to);

/// The four streams of a tangent backward: g' and g, x' and x.
struct Streams {
  float* moved_g;
  const float *g, *moved_x, *x;
};
/// one += g', two += g' (x - mean) + g (x' - moved_mean); with a mask y, first g' = 0 where y <= 0.
void add_moved_products(Rows rows, const Streams& s, const float* y, const float* mean,
                        const float* moved_mean, float* one, float* two);
/// to = a g' + b g + c x' + d (x - mean) + e
struct Quad {
  const float *mean, *a, *b, *c, *d, *e;
};
void combine_moved(Rows rows, const Streams& s, const Quad& k, float* to);

}  // namespace gapbench::nn::sweep
