// Average pooling.
#pragma once

#include "nn/layer.h"
#include "nn/layers/pooling/windows.h"

namespace gapbench::nn {

/// y = the mean of x over each window, channel by channel. A linear map A without parameters:
///
///   forward           y  = A x                 tangent forward   y' = A x'
///   backward          dx = A^T dy              tangent backward  (dx)' = A^T (dy)'
///
/// x [examples, h, w, c], y [examples, h', w', c], h' = floor((h - window) / stride) + 1.
/// The sum is taken in f32 and row order, then multiplied by 1 / area; y is f32 whatever x is.
/// Cost: one sweep over x a pass.
class AveragePool final : public Layer {
 public:
  /// Throws Error where a window does not fit.
  explicit AveragePool(const Windows& windows);
  ImageShape output() const noexcept override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  Windows windows_;
};

}  // namespace gapbench::nn
