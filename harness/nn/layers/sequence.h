// Layers one after another.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "nn/layer.h"
#include "nn/layers/parts.h"

namespace gapbench::nn {

/// y = f_L(... f_2(f_1(x))). The derivative passes apply those of its layers: tangents from first
/// to last, cotangents from last to first. Parameters: the layers' own, first to last. Cost: the
/// sum of its layers'.
class Sequence final : public Layer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<Layer>> layers) : parts_(std::move(layers)) {}

  ImageShape output() const noexcept override { return parts_[parts_.size() - 1].output(); }
  std::vector<ParameterSpec> parameters() const override { return parts_.parameters(); }
  std::vector<float> buffers() const override { return parts_.buffers(); }
  std::vector<NoiseSite> noise_sites() const override { return parts_.noise_sites(); }
  std::unique_ptr<Weights> make_weights() const override { return parts_.make_weights(); }
  PassFlops flops(bool varies) const override;
  std::unique_ptr<const Plan> plan(std::size_t examples) const override {
    return parts_.plan(examples);
  }
  bool absorb(Ending ending) override { return parts_[parts_.size() - 1].absorb(ending); }
  Bound bind(const Plan& plan, const Flow& input, Bench& bench) const override;

 private:
  Parts parts_;
};

}  // namespace gapbench::nn
