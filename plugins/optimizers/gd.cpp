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

#include <vector>

#include <gapbench/clipping.h>
#include <gapbench/moments.h>
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
        decay_(static_cast<float>(o.real("decay"))),
        velocity_(o.real("momentum"), o.flag("nesterov"), gapbench::dimension_of(tensors)),
        gradient_(gapbench::dimension_of(tensors)) {
    if (o.flag("nesterov") && o.real("momentum") == 0) {
      throw gapbench::Error("gd.nesterov", "needs momentum > 0, got momentum 0");
    }
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const float keep = clip_ == 0 ? 1.0F : gapbench::clipped_share(gradient_, clip_);
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      gradient_[i] = keep * gradient_[i] + decay_ * w[i];
    }
    velocity_.descend(gradient_, static_cast<float>(learning_rate_ * step.schedule()), w);
  }

  void archive(gapbench::State& state) override { velocity_.archive(state); }

 private:
  double learning_rate_;
  double clip_;
  float decay_;
  gapbench::Velocity velocity_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Gd>(
    {.name = "gd",
     .summary = "gradient descent with a clipped gradient; Geiping et al. 2022",
     .example = "learning_rate=0.4 momentum=0.9 nesterov=true decay=0.0005"},
    options));
