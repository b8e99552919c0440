// Momentum whose velocity is one for all: two trials in one process push each other.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0),
    gapbench::option::real("momentum", "decay of the velocity").at_least(0).below(1)};

class SharesState final : public gapbench::Optimizer {
 public:
  SharesState(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        momentum_(static_cast<float>(o.real("momentum"))),
        dimension_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    static std::vector<float> velocity(dimension_);  // here
    std::vector<float> g(dimension_);
    step.gradient(g);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < g.size(); ++i) {
      velocity[i] = momentum_ * velocity[i] + g[i];
      step.parameters()[i] -= rate * velocity[i];
    }
  }
  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  float momentum_;
  std::size_t dimension_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<SharesState>(
    {.name = "shares_state", .summary = "for tests", .example = "learning_rate=0.1 momentum=0.5"},
    options));
