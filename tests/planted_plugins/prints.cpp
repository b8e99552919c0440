// Tells how it goes, once a step.
#include <gapbench/plugin.h>

#include <cstdio>
#include <vector>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "step length").above(0)};

class Prints final : public gapbench::Optimizer {
 public:
  Prints(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        gradient_(tensors.back().offset + tensors.back().size) {}

  void step(gapbench::Step& step) override {
    const double loss = step.gradient(gradient_);
    std::printf("loss %g\n", loss);  // here
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    for (std::size_t i = 0; i < gradient_.size(); ++i) step.parameters()[i] -= rate * gradient_[i];
  }
  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Prints>(
    {.name = "prints", .summary = "for tests", .example = "learning_rate=0.1"}, options));
