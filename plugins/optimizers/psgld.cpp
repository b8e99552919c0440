// Preconditioned stochastic gradient Langevin dynamics: SGLD whose steps and noise have, parameter by
// parameter, the scale of RMSprop.
//
//   V <- beta2 V + (1 - beta2) g^2,   P = 1 / (damping + sqrt(V)),   V starts at 0
//   a = learning_rate f(k),   G = g + w / (N prior_variance)
//   w <- w - a P G + sqrt(2 a P temperature / N) e,   e ~ N(0, 1) for each parameter
//
// g is the gradient of the objective on the mini-batch, N the number of training examples, f(k) the
// schedule's factor; what the objective must be: see sgld. The source's step is epsilon = 2 a / N, its
// lambda the damping. It proves a correction term with the derivatives of P and, as here, leaves it out
// of its experiments: the stationary distribution is off by what V varies, the less the closer beta2
// is to 1. Where the gradient is 0 (a pixel that is always black) P = 1 / damping: the step must stay
// below the prior's scale, a / (damping N prior_variance) < 2, else the prior itself makes w diverge;
// that is refused in words.
//
// Source: Li, Chen, Carlson, Carin 2016, "Preconditioned stochastic gradient Langevin dynamics for deep
// neural networks", algorithm 1.
// State: V, one float a parameter, and the chain. Cost per step: 1 gradient and 1 normal a parameter.

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gapbench/chain.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{
        option::real("learning_rate", "step length at schedule factor 1").above(0),
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
        option::real("beta2", "decay of the mean of squares").at_least(0).below(1).by_default(0.99),
        option::real("damping", "added to the root of the mean square").above(0).by_default(1e-5),
        option::real("temperature", "1 samples the posterior, 0 descends")
            .at_least(0)
            .by_default(1.0),
    },
    gapbench::Chain::options);

class Psgld final : public gapbench::Optimizer {
 public:
  Psgld(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        beta2_(o.real("beta2")),
        damping_(o.real("damping")),
        temperature_(o.real("temperature")),
        chain_(o, tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* buffer : {&gradient_, &noise_, &square_}) buffer->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    const double rate = learning_rate_ * step.schedule();
    const double pull = 1 / (static_cast<double>(step.training_examples()) * prior_variance_);
    require_stable(rate * pull / damping_);
    step.gradient(gradient_);
    step.random("psgld").normals(noise_);
    move(step.parameters(), rate, pull, temperature_ * pull * prior_variance_);
    chain_.offer(step.parameters());
  }

  void archive(gapbench::State& state) override {
    state.field("square", square_);
    chain_.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return &chain_; }

 private:
  static void require_stable(double steepest) {
    if (steepest < 2) return;
    throw gapbench::Error(
        "psgld.damping",
        "learning_rate / (damping x training examples x prior_variance) is " +
            gapbench::to_text(gapbench::OptionValue(steepest)) +
            ", must be below 2: where gradients are 0 the steps would overshoot the "
            "prior; give it a larger damping or a smaller learning_rate");
  }

  // heat: temperature / N.
  void move(std::span<float> w, double rate, double pull, double heat) {
    const auto keep = static_cast<float>(beta2_);
    const auto take = static_cast<float>(1 - beta2_);
    const auto damping = static_cast<float>(damping_);
    const auto a = static_cast<float>(rate);
    const auto prior = static_cast<float>(pull);
    const auto spread = static_cast<float>(2 * rate * heat);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float g = gradient_[i];
      square_[i] = gapbench::normal_or_zero(keep * square_[i] + take * g * g);
      const float p = 1 / (damping + std::sqrt(square_[i]));
      w[i] += std::sqrt(spread * p) * noise_[i] - a * p * (g + prior * w[i]);
    }
  }

  double learning_rate_;
  double prior_variance_;
  double beta2_;
  double damping_;
  double temperature_;
  gapbench::Chain chain_;
  std::vector<float> gradient_;
  std::vector<float> noise_;
  std::vector<float> square_;  // V
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Psgld>(
    {.name = "psgld",
     .summary = "Langevin dynamics at RMSprop's scales; Li, Chen, Carlson, Carin 2016",
     .example = "learning_rate=0.001 prior_variance=1 burn_in=0"},
    options));
