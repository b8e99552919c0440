// Residual blocks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/layer.h"
#include "nn/layers/parts.h"

namespace gapbench::nn {

/// y = F(x) + S(x), F the main path, S the shortcut (the identity unless a layer is given). Their
/// derivative passes add up where the paths meet:
///
///   forward           y  = F(x) + S(x)
///   backward          dx = dF^T dy + dS^T dy
///   tangent forward   y' = F'(x) + S'(x)             F' the tangent of F along (x', v)
///   tangent backward  (dx)' = (dF^T dy)' + (dS^T dy)'
///
/// each term by the path's own passes. Parameters: the main path's, then the shortcut's.
/// Cost: both paths, and one sweep over y and one over x a pass; the one over y is saved where the
/// main path ends in a layer that absorbs the sum.
/// Source: He, Zhang, Ren, Sun 2016, "Deep residual learning for image recognition".
class Residual final : public Layer {
 public:
  /// `shortcut` may be null. Throws Error(name, ...) when the main path has no parameters or the
  /// two shapes differ.
  Residual(const std::string& name, ImageShape input, std::unique_ptr<Layer> main,
           std::unique_ptr<Layer> shortcut);

  ImageShape output() const noexcept override { return parts_[0].output(); }
  std::vector<ParameterSpec> parameters() const override { return parts_.parameters(); }
  std::vector<float> buffers() const override { return parts_.buffers(); }
  std::vector<NoiseSite> noise_sites() const override { return parts_.noise_sites(); }
  std::unique_ptr<Weights> make_weights() const override { return parts_.make_weights(); }
  PassFlops flops(bool varies) const override;
  std::unique_ptr<const Plan> plan(std::size_t examples) const override {
    return parts_.plan(examples);
  }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;
  bool absorb(Ending ending) override;

 private:
  ImageShape input_;
  Parts parts_;
  bool joined_;  ///< the main path's last layer adds the shortcut
};

}  // namespace gapbench::nn
