// Momentum whose velocity is not in the checkpoint.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0),
    gapbench::option::real("momentum", "decay of the velocity").at_least(0).below(1)};

class ForgetsState final : public gapbench::Optimizer {
 public:
  ForgetsState(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        momentum_(static_cast<float>(o.real("momentum"))),
        velocity_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    std::vector<float> g(velocity_.size());
    step.gradient(g);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < g.size(); ++i) {
      velocity_[i] = momentum_ * velocity_[i] + g[i];
      step.parameters()[i] -= rate * velocity_[i];
    }
  }
  void archive(gapbench::State&) override {}  // here

 private:
  double learning_rate_;
  float momentum_;
  std::vector<float> velocity_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ForgetsState>(
    {.name = "forgets_state", .summary = "for tests", .example = "learning_rate=0.1 momentum=0.5"},
    options));
