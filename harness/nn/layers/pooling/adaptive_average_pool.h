// Average pooling to a given size.
#pragma once

#include <cstddef>

#include "nn/layer.h"

namespace gapbench::nn {

/// y = the mean of x over windows that divide the image as evenly as whole pixels allow, channel by
/// channel: of h rows into h' the i-th window takes floor(i h / h') up to ceil((i + 1) h / h'), so
/// that windows may overlap by one row; columns likewise. A linear map A without parameters:
///
///   forward           y  = A x                 tangent forward   y' = A x'
///   backward          dx = A^T dy              tangent backward  (dx)' = A^T (dy)'
///
/// x [examples, h, w, c], y [examples, h', w', c]; sums are f32, and so is y. The windows are those
/// of PyTorch's AdaptiveAvgPool2d. Cost: one sweep over x a pass.
class AdaptiveAveragePool final : public Layer {
 public:
  /// Throws Error unless 1 <= height <= input.height, and so the width.
  AdaptiveAveragePool(ImageShape input, std::size_t height, std::size_t width);
  ImageShape output() const noexcept override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  ImageShape input_;
  std::size_t height_;
  std::size_t width_;
};

}  // namespace gapbench::nn
