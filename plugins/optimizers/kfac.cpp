// K-FAC: natural gradient descent, the Fisher information of each linear layer and convolution a
// Kronecker product of two small matrices.
//
//   d = (F + damping I)^-1 g,   F = A (x) G by layers;  d = g for parameters of no such layer
//   v <- momentum v + nu d,   nu = min(1, sqrt(kl_clip / (rate^2 g . d)))
//   w <- w - rate v,   rate = learning_rate f(k)
//
// g is the gradient of the objective on the mini-batch, f(k) the schedule's factor. A, G, and the options
// of how they are measured: gapbench/kronecker_fisher.h. The source damps factor by factor and finds rate
// and momentum from a quadratic model; here the damping is exact and the step is clipped (kl_clip 0: not)
// as in later work of the same authors. On a linear model with Gaussian noise F is the Hessian: without
// damping, a full batch and rate 1 lead to the minimum in one step. The loss must be a likelihood.
//
// Source: Martens, Grosse 2015, "Optimizing neural networks with Kronecker-factored approximate
// curvature"; Grosse, Martens 2016 for convolutions. State: v, one float a parameter, and the factors
// with their eigenvectors. Cost per step: 1 gradient, 2 n m (n + m) multiply-adds for an n x m layer, and
// what measurements and bases cost when they are due.

#include <array>
#include <vector>

#include <gapbench/kronecker_fisher.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{
        option::real("learning_rate", "step length at schedule factor 1").above(0),
        option::real("momentum", "of the steps before").at_least(0).below(1).by_default(0.9),
        option::real("damping", "added to the Fisher information").above(0).by_default(1e-3),
        option::real("kl_clip", "largest squared length of a step in the model's metric; 0: any")
            .at_least(0)
            .by_default(1e-3),
    },
    gapbench::KroneckerFisher::options);

class Kfac final : public gapbench::Optimizer {
 public:
  Kfac(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        momentum_(o.real("momentum")),
        damping_(o.real("damping")),
        kl_clip_(o.real("kl_clip")),
        fisher_(o, tensors, "takes the curvature of the loss") {
    const std::size_t dimension = tensors.back().offset + tensors.back().size;
    for (auto* buffer : {&velocity_, &gradient_, &natural_}) buffer->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    fisher_.learn(step, {});
    step.gradient(gradient_);
    natural_ = gradient_;
    fisher_.precondition(damping_, natural_);
    const double rate = learning_rate_ * step.schedule();
    const auto nu =
        static_cast<float>(gapbench::divergence_clip(kl_clip_, rate, gradient_, natural_));
    const auto momentum = static_cast<float>(momentum_);
    const auto length = static_cast<float>(rate);
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      velocity_[i] = gapbench::normal_or_zero(momentum * velocity_[i] + nu * natural_[i]);
      w[i] -= length * velocity_[i];
    }
  }

  void archive(gapbench::State& state) override {
    state.field("velocity", velocity_);
    fisher_.archive(state);
  }

 private:
  double learning_rate_;
  double momentum_;
  double damping_;
  double kl_clip_;
  gapbench::KroneckerFisher fisher_;
  std::vector<float> velocity_;  // v
  std::vector<float> gradient_;
  std::vector<float> natural_;  // d
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Kfac>(
    {.name = "kfac",
     .summary = "natural gradient, Kronecker-factored by layers; Martens, Grosse 2015",
     .example = "learning_rate=0.1"},
    options));
