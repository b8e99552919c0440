// The gradient flow of the objective, integrated: what descent with infinitely small steps would do
// in the time of one step.
//
//   dw/dt = -grad F(w),   one step is the time learning_rate f(k), in `substeps` equal steps of the
//   classical Runge-Kutta method of order 4, whose error is of order (learning_rate / substeps)^4
//
// F is the objective on this mini-batch, penalties included. With `batch: all` it is the whole
// training set's, and the penalties `gradient_norm` and `implicit_sgd` make it the modified loss of
// backward error analysis: discrete descent of rate e stays within O(e^2) of the flow of C and within
// O(e^3) of that of C + (e/4) |grad C|^2, a step and from one point.
//
// Source: Barrett, Dherin 2021, "Implicit gradient regularization", section 2; Hairer, Norsett,
// Wanner 1993, "Solving ordinary differential equations I", section II.1, for the method.
// State: none. Cost per step: 4 substeps gradients.

#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "time of a step at schedule factor 1").above(0),
    option::integer("substeps", "of the integration, in the time of one step")
        .at_least(1)
        .by_default(10.0),
};

class GradientFlow final : public gapbench::Optimizer {
 public:
  GradientFlow(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")), substeps_(o.count("substeps")) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* memory : {&slope_, &sum_, &there_}) memory->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    const double time = learning_rate_ * step.schedule() / static_cast<double>(substeps_);
    for (std::size_t k = 0; k < substeps_; ++k) advance(step, static_cast<float>(time));
  }

  void archive(gapbench::State&) override {}

 private:
  void advance(gapbench::Step& step, float time) {
    const std::span<float> w = step.parameters();
    step.gradient(slope_);
    sum_ = slope_;
    for (const float part : {0.5F, 0.5F, 1.0F}) {
      for (std::size_t i = 0; i < w.size(); ++i) there_[i] = w[i] - part * time * slope_[i];
      step.gradient_at(there_, slope_);
      const float weight = part < 1 ? 2.0F : 1.0F;
      for (std::size_t i = 0; i < w.size(); ++i) sum_[i] += weight * slope_[i];
    }
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= time / 6 * sum_[i];
  }

  double learning_rate_;
  std::size_t substeps_;
  std::vector<float> slope_;
  std::vector<float> sum_;  // k1 + 2 k2 + 2 k3 + k4
  std::vector<float> there_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<GradientFlow>(
    {.name = "gradient_flow",
     .summary = "the gradient flow, by Runge-Kutta; Barrett & Dherin 2021",
     .example = "learning_rate=0.1 substeps=1"},
    options));
