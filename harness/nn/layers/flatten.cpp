#include "nn/layers/flatten.h"

namespace gapbench::nn {
namespace {

class FlattenStage final : public Stage {
  void forward(const Weights&, Mode) override {}
  void backward(const Weights&, std::span<float>) override {}
  void tangent_forward(const Weights&, const Weights&) override {}
  void tangent_backward(const Weights&, const Weights&, std::span<float>) override {}
};

}  // namespace

Bound Flatten::bind(const Plan&, const Flow& input, Bench&) const {
  return {std::make_unique<FlattenStage>(), input};
}

}  // namespace gapbench::nn
