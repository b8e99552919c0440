// Gradient descent with a clipped gradient: the recipe for training without stochasticity.
//
//   c = min(1, clip / (|g| + 1e-6)) where clip > 0, else 1
//   d = c g + decay w
//   v <- momentum v + d
//   w <- w - learning_rate f(k) v                        plain momentum
//   w <- w - learning_rate f(k) (d + momentum v)         nesterov
//
// g is the gradient of the objective, |g| its Euclidean norm over all parameters together, f(k) the
// schedule's factor, v starts at 0. The decay is added after the clipping, as the paper's code
// does; a penalty (`l2`) would be clipped along. For gradient descent proper let the suite take
// the whole training part as its batch: `batch: all`.
//
// Source: Geiping, Goldblum, Pope, Moeller, Goldstein 2022, "Stochastic training is not necessary
// for generalization", section 3 (clip 0.25, Nesterov momentum 0.9, decay 5e-4, long warm-up) and
// its public code.
// State: v, one float per weight, where momentum > 0. Cost per step: 1 gradient.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0),
    option::real("clip", "longest gradient, 0 for no clipping").at_least(0).by_default(0.25),
    option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0.0),
    option::flag("nesterov", "look ahead along the velocity").by_default(0.0),
    option::real("decay", "weight decay, added after clipping").at_least(0).by_default(0.0),
};

class Gd final : public gapbench::Optimizer {
 public:
  Gd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        clip_(o.real("clip")),
        momentum_(static_cast<float>(o.real("momentum"))),
        nesterov_(o.flag("nesterov")),
        decay_(static_cast<float>(o.real("decay"))) {
    if (nesterov_ && momentum_ == 0) {
      throw gapbench::Error("gd.nesterov", "needs momentum > 0, got momentum 0");
    }
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
    if (momentum_ > 0) velocity_.resize(gradient_.size());
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const float keep = kept_share();
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float d = keep * gradient_[i] + decay_ * w[i];
      w[i] -= rate * (momentum_ == 0 ? d : with_momentum(i, d));
    }
  }

  void archive(gapbench::State& state) override { state.field("velocity", velocity_); }

 private:
  float kept_share() const {
    if (clip_ == 0) return 1;
    double squares = 0;
    for (const float g : gradient_) squares += double{g} * double{g};
    constexpr double guard = 1e-6;
    return static_cast<float>(std::min(1.0, clip_ / (std::sqrt(squares) + guard)));
  }

  float with_momentum(std::size_t i, float d) {
    velocity_[i] = gapbench::normal_or_zero(momentum_ * velocity_[i] + d);
    return nesterov_ ? d + momentum_ * velocity_[i] : velocity_[i];
  }

  double learning_rate_;
  double clip_;
  float momentum_;
  bool nesterov_;
  float decay_;
  std::vector<float> gradient_;
  std::vector<float> velocity_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Gd>(
    {.name = "gd",
     .summary = "gradient descent with a clipped gradient; Geiping et al. 2022",
     .example = "learning_rate=0.4 momentum=0.9 nesterov=true decay=0.0005"},
    options));
