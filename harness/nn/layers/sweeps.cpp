#include "nn/layers/sweeps.h"

#include "nn/layers/isa.h"

// Each sweep is written once, do_<name>, and compiled for both kinds of numbers and every
// instruction set.

namespace gapbench::nn::sweep {
namespace {

template <class T>
[[gnu::always_inline]] inline void do_add(const T* __restrict__ from, T* __restrict__ to,
                                          std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = narrow<T>(widen(to[i]) + widen(from[i]));
}

template <class T>
[[gnu::always_inline]] inline void do_rectify(const T* x, T* y, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) y[i] = widen(x[i]) < 0 ? T{} : x[i];
}

template <class T>
[[gnu::always_inline]] inline void do_keep_positive(const T* y, const T* from, T* to,
                                                    std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = widen(y[i]) > 0 ? from[i] : T{};
}

template <class T>
[[gnu::always_inline]] inline void do_multiply(const float* factors, const T* from, T* to,
                                               std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = narrow<T>(factors[i] * widen(from[i]));
}

template <class T>
[[gnu::always_inline]] inline void do_tanh_slope(const T* __restrict__ y,
                                                 const T* __restrict__ from, T* __restrict__ to,
                                                 std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = narrow<T>((1 - widen(y[i]) * widen(y[i])) * widen(from[i]));
  }
}

template <class T>
[[gnu::always_inline]] inline void do_tanh_curve(const T* __restrict__ y,
                                                 const T* __restrict__ moved,
                                                 const T* __restrict__ dy,
                                                 const T* __restrict__ from, T* __restrict__ to,
                                                 std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float at = widen(y[i]);
    to[i] = narrow<T>((1 - at * at) * widen(from[i]) - 2 * at * widen(moved[i]) * widen(dy[i]));
  }
}

// One rounding an element.
template <class T>
[[gnu::always_inline]] inline void do_add_scaled(float factor, const float* __restrict__ from,
                                                 T* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = narrow<T>(widen(to[i]) + factor * from[i]);
}

// In lanes that the compiler can keep side by side; what is left over goes to the first ones.
template <class T>
[[gnu::always_inline]] inline double do_product_sum(const T* x, const T* y, std::size_t size) {
  constexpr std::size_t lanes = 32;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) {
      sums[k] += double{widen(x[i + k])} * double{widen(y[i + k])};
    }
  }
  for (std::size_t k = 0; i + k < size; ++k) {
    sums[k] += double{widen(x[i + k])} * double{widen(y[i + k])};
  }
  double sum = 0;
  for (const double s : sums) sum += s;
  return sum;
}

}  // namespace

GAPBENCH_FOR_EACH_ISA
void add(const float* from, float* to, std::size_t size) { do_add(from, to, size); }
GAPBENCH_FOR_EACH_ISA
void add(const Bf16* from, Bf16* to, std::size_t size) { do_add(from, to, size); }

GAPBENCH_FOR_EACH_ISA
void rectify(const float* x, float* y, std::size_t size) { do_rectify(x, y, size); }
GAPBENCH_FOR_EACH_ISA
void rectify(const Bf16* x, Bf16* y, std::size_t size) { do_rectify(x, y, size); }

GAPBENCH_FOR_EACH_ISA
void keep_positive(const float* y, const float* from, float* to, std::size_t size) {
  do_keep_positive(y, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
void keep_positive(const Bf16* y, const Bf16* from, Bf16* to, std::size_t size) {
  do_keep_positive(y, from, to, size);
}

GAPBENCH_FOR_EACH_ISA
void multiply(const float* factors, const float* from, float* to, std::size_t size) {
  do_multiply(factors, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
void multiply(const float* factors, const Bf16* from, Bf16* to, std::size_t size) {
  do_multiply(factors, from, to, size);
}

GAPBENCH_FOR_EACH_ISA
void tanh_slope(const float* y, const float* from, float* to, std::size_t size) {
  do_tanh_slope(y, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
void tanh_slope(const Bf16* y, const Bf16* from, Bf16* to, std::size_t size) {
  do_tanh_slope(y, from, to, size);
}

GAPBENCH_FOR_EACH_ISA
void tanh_curve(const float* y, const float* moved, const float* dy, const float* from, float* to,
                std::size_t size) {
  do_tanh_curve(y, moved, dy, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
void tanh_curve(const Bf16* y, const Bf16* moved, const Bf16* dy, const Bf16* from, Bf16* to,
                std::size_t size) {
  do_tanh_curve(y, moved, dy, from, to, size);
}

GAPBENCH_FOR_EACH_ISA
void add(const Bf16* from, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += widen(from[i]);
}
GAPBENCH_FOR_EACH_ISA
void add_scaled(float factor, const float* from, float* to, std::size_t size) {
  do_add_scaled(factor, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
void add_scaled(float factor, const float* from, Bf16* to, std::size_t size) {
  do_add_scaled(factor, from, to, size);
}
GAPBENCH_FOR_EACH_ISA
double squared_norm(const float* x, std::size_t size) { return do_product_sum(x, x, size); }
GAPBENCH_FOR_EACH_ISA
double squared_norm(const Bf16* x, std::size_t size) { return do_product_sum(x, x, size); }
GAPBENCH_FOR_EACH_ISA
double product_sum(const float* x, const float* y, std::size_t size) {
  return do_product_sum(x, y, size);
}
GAPBENCH_FOR_EACH_ISA
void scale(float factor, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] *= factor;
}

}  // namespace gapbench::nn::sweep
