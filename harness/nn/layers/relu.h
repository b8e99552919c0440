// The rectifier.
#pragma once

#include "nn/layer.h"

namespace gapbench::nn {

/// y = max(x, 0), element by element. With m = [y > 0]:
///
///   forward           y  = max(x, 0)
///   backward          dx = m dy              the derivative at 0 is taken as 0
///   tangent forward   y' = m x'
///   tangent backward  (dx)' = m (dy)'        m is constant where the derivative exists
///
/// Any shape; works over its input where that is free. A NaN stays NaN, so that a diverged run
/// shows. Cost: one sweep a pass.
/// Source: Nair, Hinton 2010, "Rectified linear units improve restricted Boltzmann machines".
class Relu final : public Layer {
 public:
  explicit Relu(ImageShape shape) : shape_(shape) {}
  ImageShape output() const noexcept override { return shape_; }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  ImageShape shape_;
};

}  // namespace gapbench::nn
