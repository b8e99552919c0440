// Sharpness-aware minimization: the gradient where the loss is worst within reach.
//
//   e = rho g(w) / |g(w)|                  e = 0 where g(w) = 0
//   v <- momentum v + g(w + e)
//   w <- w - learning_rate f(k) v
//
// g is the gradient of the objective on the mini-batch, penalties included, both times on the same
// examples with the same augmentation and random draws; |g| is the Euclidean norm over all
// parameters together; f(k) is the schedule's factor, which does not act on rho. The ascent is
// shared by the whole mini-batch (the paper takes one for each accelerator's share of it). With
// rho = 0 this is momentum SGD. The running statistics of batch normalization are those at w.
//
// Source: Foret, Kleiner, Mobahi, Neyshabur 2021, "Sharpness-aware minimization for efficiently
// improving generalization", section 2, eq. 2 and algorithm 1.
// State: v, one float per weight, where momentum > 0. Cost per step: 2 gradients.

#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0),
    option::real("rho", "radius of the neighbourhood").at_least(0).by_default(0.05),
    option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0.0),
};

class Sam final : public gapbench::Optimizer {
 public:
  Sam(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        rho_(o.real("rho")),
        momentum_(static_cast<float>(o.real("momentum"))) {
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
    ascent_.resize(gradient_.size());
    if (momentum_ > 0) velocity_.resize(gradient_.size());
  }

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    step.gradient(gradient_);
    double squares = 0;
    for (const float g : gradient_) squares += double{g} * double{g};
    const auto reach = static_cast<float>(squares > 0 ? rho_ / std::sqrt(squares) : 0);
    for (std::size_t i = 0; i < w.size(); ++i) ascent_[i] = w[i] + reach * gradient_[i];
    step.gradient_at(ascent_, gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    if (momentum_ == 0) {
      for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * gradient_[i];
      return;
    }
    for (std::size_t i = 0; i < w.size(); ++i) {
      velocity_[i] = gapbench::normal_or_zero(momentum_ * velocity_[i] + gradient_[i]);
      w[i] -= rate * velocity_[i];
    }
  }

  void archive(gapbench::State& state) override { state.field("velocity", velocity_); }

 private:
  double learning_rate_;
  double rho_;
  float momentum_;
  std::vector<float> gradient_;
  std::vector<float> ascent_;
  std::vector<float> velocity_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sam>(
    {.name = "sam",
     .summary = "sharpness-aware minimization over momentum SGD; Foret et al. 2021",
     .example = "learning_rate=0.1 rho=0.05 momentum=0.9"},
    options));
