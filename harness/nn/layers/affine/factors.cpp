#include "nn/layers/affine/factors.h"

#include <algorithm>
#include <cassert>

#include "nn/onednn.h"

namespace gapbench::nn {

void AffineFactors::compute(std::span<float> a, std::span<float> g) const {
  const auto n = static_cast<double>(examples_);
  sum(patches_.seen, x_, 1 / n, a);
  sum(patches_.given, dy_, 1 / (n * static_cast<double>(patches_.given.positions())), g);
}

void AffineFactors::sum(const Patches& patches, const void* tensor, double share,
                        std::span<float> out) const {
  const std::size_t size = patches.size();
  assert(out.size() == size * size);
  const std::size_t together = patches.together(examples_);
  for (std::size_t first = 0; first < examples_; first += together) {
    for (std::size_t i = 0; i < together; ++i) {
      gather(patches, tensor, first + i, Order::plain, rows_ + i * patches.positions() * size);
    }
    const bool begins = first == 0;
    add_column_gram(patches.rows(examples_), size, static_cast<float>(share), rows_, begins,
                    out.data());
  }
}

}  // namespace gapbench::nn
