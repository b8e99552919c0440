// Built with -ffast-math, as CMakeLists.txt has it: the linker then adds code that flushes
// subnormal numbers to zero in the whole program.
#include <gapbench/plugin.h>

#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0)};

class FastMath final : public gapbench::Optimizer {
 public:
  FastMath(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        gradient_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < gradient_.size(); ++i) step.parameters()[i] -= rate * gradient_[i];
  }
  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<FastMath>(
    {.name = "fast_math", .summary = "for tests", .example = "learning_rate=0.1"}, options));
