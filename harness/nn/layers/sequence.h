// Layers one after another.
#pragma once

#include <memory>
#include <vector>

#include "nn/layer.h"

namespace gapbench::nn {

/// y = f_L(... f_2(f_1(x))). The derivative passes apply those of its layers: tangents from first
/// to last, cotangents from last to first. Parameters: the layers' own, first to last. Cost: the
/// sum of its layers'.
class Sequence final : public Layer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<const Layer>> layers);

  ImageShape output() const noexcept override { return layers_.back()->output(); }
  std::vector<ParameterSpec> parameters() const override;
  std::unique_ptr<Weights> make_weights() const override;
  PassFlops flops(bool varies) const override;
  std::unique_ptr<const Plan> plan(std::size_t examples) const override;
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  std::vector<std::unique_ptr<const Layer>> layers_;
  std::vector<std::size_t> sizes_;  ///< parameters of each
};

}  // namespace gapbench::nn
