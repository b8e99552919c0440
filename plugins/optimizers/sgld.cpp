// Stochastic gradient Langevin dynamics: descent with noise of the size that makes its iterates draws
// of the posterior.
//
//   a = learning_rate f(k),   G(w) = g(w) + w / (N prior_variance)
//   w <- w - a G(w) + sqrt(2 a temperature / N) e,   e ~ N(0, 1) for each parameter
//
// g is the gradient of the objective on the mini-batch, N the number of training examples, f(k) the
// schedule's factor. N times the objective stands for -log likelihood: cross-entropy is one; squared
// error is that of a Gaussian of variance 1/2. A regularizer beside `prior_variance` is a second
// prior. The source's step is epsilon = 2 a / N. With a constant rate the noise of the mini-batches
// stays: on a quadratic of precision P the variance is 1 / (P (1 - epsilon P / 4)) and not 1 / P.
//
// The iterates are kept as a chain (burn_in, every, capacity), which is the method's posterior.
//
// Source: Welling, Teh 2011, "Bayesian learning via stochastic gradient Langevin dynamics",
// equation 4.
// State: the chain, capacity floats a parameter. Cost per step: 1 gradient and 1 normal a parameter.

#include <array>
#include <cmath>
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
        option::real("temperature", "1 samples the posterior, 0 descends")
            .at_least(0)
            .by_default(1.0),
    },
    gapbench::Chain::options);

class Sgld final : public gapbench::Optimizer {
 public:
  Sgld(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        temperature_(o.real("temperature")),
        chain_(o, tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    gradient_.resize(dimension);
    noise_.resize(dimension);
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    step.random("sgld").normals(noise_);
    const double rate = learning_rate_ * step.schedule();
    const auto examples = static_cast<double>(step.training_examples());
    const auto a = static_cast<float>(rate);
    const auto decay = static_cast<float>(rate / (examples * prior_variance_));
    const auto deviation = static_cast<float>(std::sqrt(2 * rate * temperature_ / examples));
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] = w[i] - a * gradient_[i] - decay * w[i] + deviation * noise_[i];
    }
    chain_.offer(w);
  }

  void archive(gapbench::State& state) override { chain_.archive(state); }

  gapbench::Posterior* posterior() noexcept override { return &chain_; }

 private:
  double learning_rate_;
  double prior_variance_;
  double temperature_;
  gapbench::Chain chain_;
  std::vector<float> gradient_;
  std::vector<float> noise_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sgld>(
    {.name = "sgld",
     .summary = "stochastic gradient Langevin dynamics, its iterates as draws; Welling, Teh 2011",
     .example = "learning_rate=0.05 prior_variance=1 burn_in=0"},
    options));
