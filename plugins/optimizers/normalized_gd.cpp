// Normalized gradient descent: every step has the same length.
//
//   w <- w - learning_rate f(k) g / |g|
//
// g is the gradient of the objective, f(k) the schedule's factor, |g| the Euclidean norm over all
// parameters together, so learning_rate is the length of the step at f = 1. Where g = 0 it stays.
// Sums of squares in double.
//
// Source: Nesterov 1984, "Minimization methods for nonsmooth convex and quasiconvex functions"; as
// a control for grafting in Novack et al. 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD" ("NGD", a fixed step length on large batches).
// State: none. Cost per step: 1 gradient.

#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

constexpr gapbench::OptionSpec options[] = {
    gapbench::option::real("learning_rate", "length of a step at schedule factor 1").above(0),
};

class NormalizedGd final : public gapbench::Optimizer {
 public:
  NormalizedGd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")) {
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    double squares = 0;
    for (const float g : gradient_) squares += double{g} * double{g};
    if (squares == 0) return;
    const auto rate = static_cast<float>(learning_rate_ * step.schedule() / std::sqrt(squares));
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * gradient_[i];
  }

  void archive(gapbench::State&) override {}

 private:
  double learning_rate_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<NormalizedGd>(
    {.name = "normalized_gd",
     .summary = "steps of fixed length along the gradient; Nesterov 1984, Novack et al. 2023",
     .example = "learning_rate=0.01"},
    options));
