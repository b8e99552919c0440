// The hand-written inner loops, compiled once for each x86-64 level and chosen on loading.
//
// Numbers are floats or Bf16. Arrays of one call do not overlap unless it says so. No alignment is
// needed.
#pragma once

#include <cstddef>

#include "nn/bf16.h"

namespace gapbench::nn::sweep {

/// to += from
void add(const float* from, float* to, std::size_t size);
void add(const Bf16* from, Bf16* to, std::size_t size);

/// y = max(x, 0); NaN stays NaN. x and y may be the same.
void rectify(const float* x, float* y, std::size_t size);
void rectify(const Bf16* x, Bf16* y, std::size_t size);

/// to = from where y > 0, else 0. from and to may be the same.
void keep_positive(const float* y, const float* from, float* to, std::size_t size);
void keep_positive(const Bf16* y, const Bf16* from, Bf16* to, std::size_t size);

/// to = factors * from, entry by entry. from and to may be the same.
void multiply(const float* factors, const float* from, float* to, std::size_t size);
void multiply(const float* factors, const Bf16* from, Bf16* to, std::size_t size);

/// to = (1 - y^2) from
void tanh_slope(const float* y, const float* from, float* to, std::size_t size);
void tanh_slope(const Bf16* y, const Bf16* from, Bf16* to, std::size_t size);

/// to = (1 - y^2) from - 2 y moved dy
void tanh_curve(const float* y, const float* moved, const float* dy, const float* from, float* to,
                std::size_t size);
void tanh_curve(const Bf16* y, const Bf16* moved, const Bf16* dy, const Bf16* from, Bf16* to,
                std::size_t size);

/// to += from, where only `from` is Bf16
void add(const Bf16* from, float* to, std::size_t size);
/// to += factor * from
void add_scaled(float factor, const float* from, float* to, std::size_t size);
void add_scaled(float factor, const float* from, Bf16* to, std::size_t size);
/// sum of x^2, in double, in a fixed order
double squared_norm(const float* x, std::size_t size);
double squared_norm(const Bf16* x, std::size_t size);
/// sum of x y, likewise
double product_sum(const float* x, const float* y, std::size_t size);
/// to *= factor
void scale(float factor, float* to, std::size_t size);

}  // namespace gapbench::nn::sweep
