// Kronecker factors of a linear or convolution layer.
#pragma once

#include <cstddef>
#include <span>

#include "nn/layer.h"
#include "nn/layers/affine/patches.h"

namespace gapbench::nn {

/// A from the patches of x, G from the pixels of dy: see KroneckerLayer for both. The rows of one
/// example (of all, where there is one position) are gathered and multiplied with themselves, or for
/// squares with each other: dW_i = sum over positions t of g_t a_t^T. With one position the square of
/// dW_i is the product of squares, and the sum over examples one matrix product.
class AffineFactors final : public KroneckerFactors {
 public:
  AffineFactors(const ProductPatches& patches, const Flow& x, const Flow& y, const Bench& bench)
      : patches_(patches),
        x_(x.value),
        dy_(y.cotangent),
        rows_(bench.scratch),
        examples_(bench.examples) {}

  void compute(std::span<float> a, std::span<float> g) const override;
  void squares(std::span<float> out) const override;

 private:
  /// out = share of the sum of r r^T over all rows r.
  void sum(const Patches& patches, const void* tensor, double share, std::span<float> out) const;
  void gather_together(const Patches& patches, const void* tensor, std::size_t first,
                       float* rows) const;

  ProductPatches patches_;
  const void* x_;
  const void* dy_;
  float* rows_;  ///< in scratch
  std::size_t examples_;
};

}  // namespace gapbench::nn
