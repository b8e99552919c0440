#include "nn/layers/sweeps.h"

#include "nn/layers/isa.h"

namespace gapbench::nn::sweep {

GAPBENCH_FOR_EACH_ISA
void add(const float* __restrict__ from, float* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += from[i];
}

GAPBENCH_FOR_EACH_ISA
void add_scaled(float factor, const float* __restrict__ from, float* __restrict__ to,
                std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

GAPBENCH_FOR_EACH_ISA
void scale(float factor, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] *= factor;
}

GAPBENCH_FOR_EACH_ISA
void rectify(const float* x, float* y, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) y[i] = x[i] < 0 ? 0.0F : x[i];
}

GAPBENCH_FOR_EACH_ISA
void keep_positive(const float* y, const float* from, float* to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = y[i] > 0 ? from[i] : 0.0F;
}

GAPBENCH_FOR_EACH_ISA
void tanh_slope(const float* __restrict__ y, const float* __restrict__ from, float* __restrict__ to,
                std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = (1 - y[i] * y[i]) * from[i];
}

GAPBENCH_FOR_EACH_ISA
void tanh_curve(const float* __restrict__ y, const float* __restrict__ moved,
                const float* __restrict__ dy, const float* __restrict__ from,
                float* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    to[i] = (1 - y[i] * y[i]) * from[i] - 2 * y[i] * moved[i] * dy[i];
  }
}

GAPBENCH_FOR_EACH_ISA
void keep_larger(const float* __restrict__ x, std::int32_t here, float* __restrict__ y,
                 std::int32_t* __restrict__ place, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const bool larger = x[i] > y[i];
    y[i] = larger ? x[i] : y[i];
    place[i] = larger ? here : place[i];
  }
}

GAPBENCH_FOR_EACH_ISA
void take_at(const std::int32_t* __restrict__ place, std::int32_t here,
             const float* __restrict__ from, float* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = place[i] == here ? from[i] : to[i];
}

GAPBENCH_FOR_EACH_ISA
void put_at(const std::int32_t* __restrict__ place, std::int32_t here,
            const float* __restrict__ from, float* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] = place[i] == here ? from[i] : 0.0F;
}

GAPBENCH_FOR_EACH_ISA
void add_at(const std::int32_t* __restrict__ place, std::int32_t here,
            const float* __restrict__ from, float* __restrict__ to, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += place[i] == here ? from[i] : 0.0F;
}

}  // namespace gapbench::nn::sweep
