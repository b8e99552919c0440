// Sophia-H: momentum divided by an estimate of the Hessian's diagonal, each entry clipped.
//
//   m <- beta1 m + (1 - beta1) g
//   h <- beta2 h + (1 - beta2) v (H v), v random signs           in steps 1, 1 + every, 1 + 2 every, ...
//   w <- w - learning_rate f(k) clip(m / max(gamma h, epsilon), -1, 1)
//
// m and h start at 0. H is the exact Hessian of the mini-batch loss, without the penalties that are in
// g. Where the estimate is not positive the step is the sign of m, as in signSGD; gamma sets how many
// entries are clipped. The source's decoupled weight decay: hold this in decoupled_decay.
//
// Source: Liu, Li, Hall, Liang, Ma 2023, "Sophia: a scalable stochastic second-order optimizer for
// language model pre-training" (with Hutchinson's estimator).
// State: m and h, two floats per weight, and the number of steps. Cost per step: 1 gradient, and every
// `every` steps 1 Hessian-vector product.

#include <algorithm>
#include <vector>

#include <gapbench/hutchinson.h>
#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(1e-3),
    option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.96),
    option::real("beta2", "decay of the mean of the diagonal")
        .at_least(0)
        .below(1)
        .by_default(0.99),
    option::real("gamma", "factor of the curvature").above(0).by_default(0.01),
    option::real("epsilon", "least denominator").above(0).by_default(1e-12),
    option::integer("every", "steps from one estimate of the curvature to the next")
        .at_least(1)
        .in_unit("steps")
        .by_default(10),
};

class Sophia final : public gapbench::Optimizer {
 public:
  Sophia(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        by_beta1_(o.real("beta1")),
        by_beta2_(o.real("beta2")),
        gamma_(static_cast<float>(o.real("gamma"))),
        epsilon_(static_cast<float>(o.real("epsilon"))),
        every_(o.count("every")),
        gradient_(gapbench::dimension_of(tensors)),
        mean_(gradient_.size()),
        curvature_(gradient_.size()) {
    for (auto* buffer : {&signs_, &product_, &diagonal_}) buffer->resize(gradient_.size());
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    if (steps_++ % every_ == 0) {
      gapbench::hutchinson_diagonal(step, 1, signs_, product_, diagonal_);
      for (std::size_t i = 0; i < curvature_.size(); ++i) {
        curvature_[i] = by_beta2_.with(curvature_[i], diagonal_[i]);
      }
    }
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      mean_[i] = by_beta1_.with(mean_[i], gradient_[i]);
      const float quotient = mean_[i] / std::max(gamma_ * curvature_[i], epsilon_);
      w[i] -= rate * std::clamp(quotient, -1.0F, 1.0F);
    }
  }

  void archive(gapbench::State& state) override {
    state.field("mean", mean_);
    state.field("curvature", curvature_);
    state.field("steps", steps_);
  }

 private:
  double learning_rate_;
  gapbench::DecayingMean by_beta1_;
  gapbench::DecayingMean by_beta2_;
  float gamma_;
  float epsilon_;
  std::size_t every_;
  std::uint64_t steps_ = 0;
  std::vector<float> gradient_;
  std::vector<float> mean_;
  std::vector<float> curvature_;
  std::vector<float> signs_;
  std::vector<float> product_;
  std::vector<float> diagonal_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sophia>(
    {.name = "sophia",
     .summary = "clipped momentum over the Hessian's diagonal (Sophia-H); Liu et al. 2023",
     .example = "learning_rate=0.01"},
    options));
