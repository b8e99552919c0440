#include "gapbench/hutchinson.h"

#include <algorithm>
#include <cstdint>

namespace gapbench {

void draw_signs(Random random, std::span<float> v) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    if (i % 64 == 0) bits = random.bits();
    v[i] = (bits >> (i % 64) & 1) != 0 ? 1.0F : -1.0F;
  }
}

void hutchinson_diagonal(Step& step, std::size_t samples, std::span<float> v,
                         std::span<float> product, std::span<float> out) {
  const Random random = step.random("hutchinson");
  const auto share = static_cast<float>(1 / static_cast<double>(samples));
  std::ranges::fill(out, 0.0F);
  for (std::size_t s = 0; s < samples; ++s) {
    draw_signs(random.at("draw", s), v);
    step.hessian_vector(v, product);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += share * (v[i] * product[i]);
  }
}

}  // namespace gapbench
