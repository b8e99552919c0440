#include "nn/layer.h"

namespace gapbench::nn {
namespace {

class NoWeights final : public Weights {
 public:
  void assign(std::span<const float>) override {}
};

}  // namespace

std::unique_ptr<Weights> Layer::make_weights() const { return std::make_unique<NoWeights>(); }

PassFlops Layer::flops(bool) const { return {}; }

std::unique_ptr<const Plan> Layer::plan(std::size_t) const { return std::make_unique<Plan>(); }

std::size_t count(std::span<const ParameterSpec> parameters) noexcept {
  std::size_t sum = 0;
  for (const ParameterSpec& p : parameters) sum += p.tensor.size;
  return sum;
}

std::size_t count(std::span<const NoiseSite> sites) noexcept {
  std::size_t sum = 0;
  for (const NoiseSite& site : sites) sum += site.size;
  return sum;
}

PassFlops operator+(const PassFlops& a, const PassFlops& b) noexcept {
  return {a.forward + b.forward, a.backward + b.backward, a.tangent_forward + b.tangent_forward,
          a.tangent_backward + b.tangent_backward};
}

}  // namespace gapbench::nn
