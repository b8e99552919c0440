// Lengths of single examples' weight gradients without the gradients.
#pragma once

#include <cstddef>
#include <span>

#include "nn/layers/affine/patches.h"

namespace gapbench::nn {

/// An example's dW and db are sum_t g_t a_t^T over the T positions t of its output, a_t the patch
/// seen there with a 1 behind it, so that their squared length is
///
///   sum over (t, u) of (a_t . a_u) (g_t . g_u)
///
/// in T^2 products of patches instead of T products with all outputs. Rounding: 1e-7 of
/// sum |a_t|^2 |g_t|^2. Source: Bu, Mao, Xu 2022, "Scalable and efficient training of large
/// convolutional neural networks with differential privacy".
class AffineGram {
 public:
  AffineGram() = default;
  /// x and dy where their flows have them.
  AffineGram(const ProductPatches& patches, const void* x, const void* dy, float* scratch);

  /// With few positions. Counted in multiply-adds against those of dW, this side's times `factor`.
  static bool is_cheaper(const ProductPatches& patches, double factor) noexcept;
  /// Floats.
  static std::size_t scratch(const ProductPatches& patches) noexcept;

  double squared_norm(std::size_t example) const;

 private:
  ProductPatches patches_;
  const void* x_ = nullptr;
  const void* dy_ = nullptr;
  float* rows_ = nullptr;
  std::span<float> inputs_, outputs_;  ///< Gram matrices, [T, T]
};

}  // namespace gapbench::nn
