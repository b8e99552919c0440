#include "plugin/conformance/handed.h"

#include "gapbench/numeric.h"
#include "plugin/conformance/numbers.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin::conformance {
namespace {

class PlainMomentum final : public Optimizer {
 public:
  PlainMomentum(std::span<const TensorInfo> tensors, float decay) : decay_(decay) {
    for (const TensorInfo& tensor : tensors) velocity_.resize(velocity_.size() + tensor.size);
    gradient_.resize(velocity_.size());
  }

  void step(Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(0.05 * step.schedule());
    for (std::size_t i = 0; i < velocity_.size(); ++i) {
      velocity_[i] = normal_or_zero(decay_ * velocity_[i] + gradient_[i]);
      step.parameters()[i] -= rate * velocity_[i];
    }
  }

  void archive(State& state) override { state.field("velocity", velocity_); }

 private:
  float decay_;
  Vector velocity_;
  Vector gradient_;
};

}  // namespace

Handed reference_parts(const Component& component, std::size_t dimension) {
  Handed handed;
  float decay = 1;
  for (const OptionSpec& spec : options_of(component)) {
    if (spec.kind == OptionKind::optimizer) {
      decay /= 2;
      handed.optimizers[spec.name] = [decay](std::span<const TensorInfo> tensors) {
        return std::make_unique<PlainMomentum>(tensors, decay);
      };
    }
    if (spec.kind == OptionKind::trajectory) {
      handed.trajectories[spec.name] = std::make_shared<const Vector>(1000, 0.01F);
    }
    if (spec.kind == OptionKind::parameters) {
      const TensorInfo& last = Reference().tensors().back();
      const std::size_t size = dimension > 0 ? dimension : last.offset + last.size;
      handed.parameters[spec.name] =
          std::make_shared<const Vector>(normal_vector(size, Random(31)));
    }
  }
  return handed;
}

}  // namespace gapbench::plugin::conformance
