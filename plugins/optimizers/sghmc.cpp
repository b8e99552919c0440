// Stochastic gradient Hamiltonian Monte Carlo: SGD with momentum, and the noise that makes its iterates
// draws of the posterior.
//
//   a = learning_rate f(k),   G(w) = g(w) + w / (N prior_variance)
//   v <- (1 - friction) v - a G(w) + sqrt(2 (friction - noise_estimate) a temperature / N) e
//   w <- w + v,   e ~ N(0, 1) for each parameter, v starts at 0
//
// g is the gradient of the objective on the mini-batch, N the number of training examples, f(k) the
// schedule's factor; what the objective must be: see sgld. The momentum is 1 - friction; friction 1 is
// SGLD. noise_estimate is the share of the friction that the noise of the mini-batches is trusted to
// pay for already; 0, the source's own choice, leaves that noise on top, and the draws warmer than the
// posterior. The source's eta is a / N, its alpha the friction, its beta-hat the noise_estimate. With a
// constant rate, on a quadratic of precision P and without noise of mini-batches, the variance is
// 1 / (P (1 - (a / N) P / (2 (2 - friction)))) and not 1 / P.
//
// Source: Chen, Fox, Guestrin 2014, "Stochastic gradient Hamiltonian Monte Carlo", equation 15.
// State: v, one float a parameter, and the chain. Cost per step: 1 gradient and 1 normal a parameter.

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
        option::real("friction", "share of the velocity that a step takes")
            .above(0)
            .at_most(1)
            .by_default(0.1),
        option::real("noise_estimate",
                     "part of the friction that mini-batches pay with their noise")
            .at_least(0)
            .by_default(0.0),
        option::real("temperature", "1 samples the posterior, 0 descends")
            .at_least(0)
            .by_default(1.0),
    },
    gapbench::Chain::options);

class Sghmc final : public gapbench::Optimizer {
 public:
  Sghmc(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        friction_(o.real("friction")),
        drive_(friction_ - o.real("noise_estimate")),
        temperature_(o.real("temperature")),
        chain_(o, tensors) {
    if (drive_ < 0) {
      throw gapbench::Error("sghmc.noise_estimate",
                            "must be at most the friction " + gapbench::to_text(friction_) +
                                ": no more noise can be paid for than there is friction");
    }
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* buffer : {&gradient_, &noise_, &velocity_}) buffer->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    step.random("sghmc").normals(noise_);
    const double rate = learning_rate_ * step.schedule();
    const auto examples = static_cast<double>(step.training_examples());
    const auto keep = static_cast<float>(1 - friction_);
    const auto a = static_cast<float>(rate);
    const auto prior = static_cast<float>(1 / (examples * prior_variance_));
    const auto deviation =
        static_cast<float>(std::sqrt(2 * drive_ * rate * temperature_ / examples));
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float pulled = keep * velocity_[i] - a * (gradient_[i] + prior * w[i]);
      velocity_[i] = gapbench::normal_or_zero(pulled + deviation * noise_[i]);
      w[i] += velocity_[i];
    }
    chain_.offer(w);
  }

  void archive(gapbench::State& state) override {
    state.field("velocity", velocity_);
    chain_.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return &chain_; }

 private:
  double learning_rate_;
  double prior_variance_;
  double friction_;
  double drive_;  // friction that noise is put in for
  double temperature_;
  gapbench::Chain chain_;
  std::vector<float> gradient_;
  std::vector<float> noise_;
  std::vector<float> velocity_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sghmc>(
    {.name = "sghmc",
     .summary = "stochastic gradient Hamiltonian Monte Carlo; Chen, Fox, Guestrin 2014",
     .example = "learning_rate=0.01 prior_variance=1 burn_in=0"},
    options));
