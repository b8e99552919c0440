// Lion: the sign of a mean of gradients.
//
//   u = sign(beta1 m + (1 - beta1) g)       sign(0) = 0
//   w <- w - learning_rate f(k) u
//   m <- beta2 m + (1 - beta2) g            m starts at 0
//
// Every parameter moves by the same length, so learning rates are those of Adam divided by 3 to 10 (the
// source), and weight decays as much larger. The source's decoupled weight decay: hold this in
// decoupled_decay.
//
// Source: Chen, Liang, Huang, Real, Wang, Liu, Pham, Dong, Luong, Hsieh, Lu, Le 2023, "Symbolic
// discovery of optimization algorithms".
// State: m, one float per weight. Cost per step: 1 gradient.

#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(1e-4),
    option::real("beta1", "share of the mean in what gives the signs")
        .at_least(0)
        .below(1)
        .by_default(0.9),
    option::real("beta2", "decay of the mean of gradients").at_least(0).below(1).by_default(0.99),
};

class Lion final : public gapbench::Optimizer {
 public:
  Lion(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        direction_(o.real("beta1")),
        decaying_(o.real("beta2")),
        gradient_(gapbench::dimension_of(tensors)),
        mean_(gradient_.size()) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float u = direction_.with(mean_[i], gradient_[i]);
      if (u > 0) w[i] -= rate;
      if (u < 0) w[i] += rate;
      mean_[i] = decaying_.with(mean_[i], gradient_[i]);
    }
  }

  void archive(gapbench::State& state) override { state.field("mean", mean_); }

 private:
  double learning_rate_;
  gapbench::DecayingMean direction_;
  gapbench::DecayingMean decaying_;
  std::vector<float> gradient_;
  std::vector<float> mean_;
};

}  // namespace

GAPBENCH_PLUGIN(
    gapbench::optimizer<Lion>({.name = "lion",
                               .summary = "signs of averaged gradients; Chen et al. 2023",
                               .example = "learning_rate=0.01"},
                              options));
