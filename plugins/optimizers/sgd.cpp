// Stochastic gradient descent with optional momentum and Nesterov momentum.
//
//   v <- momentum v + g(w)
//   w <- w - learning_rate f(k) v                        plain momentum
//   w <- w - learning_rate f(k) (g + momentum v)         nesterov
//
// g is the gradient of the objective, f(k) the schedule's factor, v starts at 0. The learning rate
// multiplies v, not g (the PyTorch form; Sutskever et al. 2013 put it inside v): the two differ as
// soon as the rate changes during a run.
//
// Source: Polyak 1964, "Some methods of speeding up the convergence of iteration methods";
// Sutskever, Martens, Dahl, Hinton 2013, "On the importance of initialization and momentum".
// State: v, one float per weight, where momentum > 0. Cost per step: 1 gradient.

#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0),
    option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0.0),
    option::flag("nesterov", "look ahead along the velocity").by_default(0.0),
};

class Sgd final : public gapbench::Optimizer {
 public:
  Sgd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        velocity_(o.real("momentum"), o.flag("nesterov"), gapbench::dimension_of(tensors)),
        gradient_(gapbench::dimension_of(tensors)) {
    if (o.flag("nesterov") && o.real("momentum") == 0) {
      throw gapbench::Error("sgd.nesterov", "needs momentum > 0, got momentum 0");
    }
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const auto rate = static_cast<float>(learning_rate_ * step.schedule());
    velocity_.descend(gradient_, rate, step.parameters());
  }

  void archive(gapbench::State& state) override { velocity_.archive(state); }

 private:
  double learning_rate_;
  gapbench::Velocity velocity_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sgd>(
    {.name = "sgd",
     .summary = "gradient descent with momentum and Nesterov momentum; Polyak 1964",
     .example = "learning_rate=0.1 momentum=0.9"},
    options));
