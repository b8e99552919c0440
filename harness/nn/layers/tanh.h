// The hyperbolic tangent.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "nn/layer.h"

namespace gapbench::nn {

/// y = tanh x, element by element.
///
///   forward           y  = tanh x
///   backward          dx = (1 - y^2) dy
///   tangent forward   y' = (1 - y^2) x'
///   tangent backward  (dx)' = (1 - y^2) (dy)' - 2 y y' dy
///
/// The derivatives are exact for the y that was computed. y itself is oneDNN's eltwise_tanh,
/// within 2e-7 of tanh x. Any shape. Cost: one sweep a pass.
class Tanh final : public Layer {
 public:
  Tanh(const dnnl::engine& engine, ImageShape shape) : engine_(engine), shape_(shape) {}
  ImageShape output() const noexcept override { return shape_; }
  std::unique_ptr<const Plan> plan(std::size_t examples) const override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  dnnl::engine engine_;
  ImageShape shape_;
};

}  // namespace gapbench::nn
