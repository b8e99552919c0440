// Noise of its own on the gradient: no seed of a trial reaches it, no checkpoint holds it.
#include <gapbench/plugin.h>

#include <random>
#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0)};

class OwnRandom final : public gapbench::Optimizer {
 public:
  OwnRandom(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        gradient_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < gradient_.size(); ++i) {
      step.parameters()[i] -= rate * (gradient_[i] + noise_(generator_));  // here
    }
  }
  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  std::vector<float> gradient_;
  std::mt19937 generator_{42};
  std::uniform_real_distribution<float> noise_{-0.01F, 0.01F};
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<OwnRandom>(
    {.name = "own_random", .summary = "for tests", .example = "learning_rate=0.1"}, options));
