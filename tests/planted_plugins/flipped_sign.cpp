// Climbs: the sign of the step is flipped.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length at schedule factor 1").above(0)};

class FlippedSign final : public gapbench::Optimizer {
 public:
  FlippedSign(const gapbench::Options& o, std::span<const gapbench::TensorInfo>)
      : learning_rate_(o.real("learning_rate")) {}

  void step(gapbench::Step& step) override {
    std::vector<float> g(step.dimension());
    step.gradient(g);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < g.size(); ++i) step.parameters()[i] += rate * g[i];  // here
  }
  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<FlippedSign>(
    {.name = "flipped_sign", .summary = "for tests", .example = "learning_rate=0.1"}, options));
