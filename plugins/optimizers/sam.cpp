// Sharpness-aware minimization: the gradient where the loss is worst within reach.
//
//   e = rho T^2 g(w) / |T g(w)|            e = 0 where g(w) = 0
//   v <- momentum v + g(w + e)
//   w <- w - learning_rate f(k) v
//
// g is the gradient of the objective on the mini-batch, penalties included, both times on the same
// examples with the same augmentation and random draws; |g| is the Euclidean norm over all
// parameters together; f(k) is the schedule's factor, which does not act on rho. The ascent is
// shared by the whole mini-batch (the paper takes one for each accelerator's share of it). With
// rho = 0 this is momentum SGD. The running statistics of batch normalization are those at w.
//
//   scaling: none         T = 1
//   scaling: parameters   T = |w| + eta on weights and on scales of normalizations, 1 on biases and
//                         shifts: adaptive SAM. A neighbourhood in shares of each weight does not change
//                         where layers are rescaled without changing the function; its rho is larger (the
//                         authors' code: rho 0.5, eta 0.01, and biases left alone as here).
//
// Source: Foret, Kleiner, Mobahi, Neyshabur 2021, "Sharpness-aware minimization for efficiently
// improving generalization", section 2, eq. 2 and algorithm 1; Kwon, Kim, Park, Choi 2021, "ASAM:
// adaptive sharpness-aware minimization for scale-invariant learning of deep neural networks".
// State: v, one float per weight, where momentum > 0. Cost per step: 2 gradients.

#include <cmath>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0),
    option::real("rho", "radius of the neighbourhood").at_least(0).by_default(0.05),
    option::real("momentum", "decay of the velocity").at_least(0).below(1).by_default(0.0),
    option::choice("scaling", "none|parameters", "what a neighbourhood is measured in")
        .by_default("none"),
    option::real("eta", "added to a parameter's size, with scaling: parameters")
        .at_least(0)
        .by_default(0.01),
};

class Sam final : public gapbench::Optimizer {
 public:
  Sam(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        rho_(o.real("rho")),
        adaptive_(o.choice("scaling") == "parameters"),
        eta_(static_cast<float>(o.real("eta"))),
        velocity_(o.real("momentum"), false, gapbench::dimension_of(tensors)),
        tensors_(tensors.begin(), tensors.end()),
        gradient_(gapbench::dimension_of(tensors)),
        ascent_(gradient_.size()) {}

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    step.gradient(gradient_);
    if (adaptive_) apply_scaling(w);  // T g
    double squares = 0;
    for (const float g : gradient_) squares += double{g} * double{g};
    if (adaptive_) apply_scaling(w);  // T^2 g
    const auto reach = static_cast<float>(squares > 0 ? rho_ / std::sqrt(squares) : 0);
    for (std::size_t i = 0; i < w.size(); ++i) ascent_[i] = w[i] + reach * gradient_[i];
    step.gradient_at(ascent_, gradient_);
    velocity_.descend(gradient_, static_cast<float>(learning_rate_ * step.schedule()), w);
  }

  void archive(gapbench::State& state) override { velocity_.archive(state); }

 private:
  void apply_scaling(std::span<const float> w) {
    for (const gapbench::TensorInfo& tensor : tensors_) {
      if (tensor.kind != gapbench::TensorKind::weight && tensor.kind != gapbench::TensorKind::scale)
        continue;
      for (std::size_t i = tensor.offset; i < tensor.offset + tensor.size; ++i) {
        gradient_[i] *= std::abs(w[i]) + eta_;
      }
    }
  }

  double learning_rate_;
  double rho_;
  bool adaptive_;
  float eta_;
  gapbench::Velocity velocity_;
  std::vector<gapbench::TensorInfo> tensors_;
  std::vector<float> gradient_;
  std::vector<float> ascent_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sam>(
    {.name = "sam",
     .summary = "sharpness-aware minimization over momentum SGD; Foret et al. 2021",
     .example = "learning_rate=0.1 rho=0.05 momentum=0.9"},
    options));
