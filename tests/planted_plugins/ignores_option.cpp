// Reads momentum and does nothing with it.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0),
    gapbench::option::real("momentum", "decay of the velocity").at_least(0).below(1)};

class IgnoresOption final : public gapbench::Optimizer {
 public:
  IgnoresOption(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        momentum_(static_cast<float>(o.real("momentum"))),
        velocity_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    step.gradient(velocity_);  // here: in place of momentum_ v + g
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < velocity_.size(); ++i) step.parameters()[i] -= rate * velocity_[i];
  }
  void archive(gapbench::State& state) override { state.field("velocity", velocity_); }

 private:
  double learning_rate_;
  [[maybe_unused]] float momentum_;
  std::vector<float> velocity_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<IgnoresOption>(
    {.name = "ignores_option", .summary = "for tests", .example = "learning_rate=0.1 momentum=0.5"},
    options));
