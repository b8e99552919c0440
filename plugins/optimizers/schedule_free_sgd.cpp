// Schedule-Free SGD: an average of iterates in place of a decaying learning rate.
//
//   y_t     = z_t + beta (x_t - z_t)                 where the gradient is asked; the parameters
//   z_(t+1) = z_t - rate_t (g(y_t) + decay y_t)      the sequence of plain SGD
//   x_(t+1) = x_t + c_t (z_(t+1) - x_t),   c_t = rate_t^2 / sum of rate_s^2 over s <= t
//
// with z, x and y starting at the same point and rate_t = learning_rate f(t). f is the schedule's
// factor: constant, or a warm-up and then constant (a decay would undo the idea). x is the point
// that the method stands for: evaluations and probes see it, and with batch normalization the
// statistics are measured there, as the authors advise. At a constant rate c_t = 1 / t, the plain
// average; beta between 1 (gradients at the average) and 0 (Polyak and Ruppert's averaging) is what
// momentum is elsewhere.
//
// Source: Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky 2024, "The road less scheduled",
// equations 3 to 5, algorithm 1 for the weights c_t under warm-up, and weight decay at y.
// State: z and x, two floats per weight, and the sum of the squared rates. Cost per step: 1 gradient.

#include <algorithm>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0),
    option::real("beta", "share of the average in the point where gradients are asked")
        .at_least(0)
        .at_most(1)
        .by_default(0.9),
    option::real("decay", "weight decay, times the rate").at_least(0).by_default(0),
};

class ScheduleFreeSgd final : public gapbench::Optimizer {
 public:
  ScheduleFreeSgd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        beta_(static_cast<float>(o.real("beta"))),
        decay_(static_cast<float>(o.real("decay"))) {
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
    z_.resize(gradient_.size());
    x_.resize(gradient_.size());
  }

  void step(gapbench::Step& step) override {
    const std::span<float> y = step.parameters();
    if (steps_++ == 0) {
      std::ranges::copy(y, z_.begin());
      std::ranges::copy(y, x_.begin());
    }
    step.gradient(gradient_);
    const double rate = learning_rate_ * step.schedule();
    squares_ += rate * rate;
    const auto length = static_cast<float>(rate);
    const auto share = static_cast<float>(squares_ > 0 ? rate * rate / squares_ : 0);
    for (std::size_t i = 0; i < y.size(); ++i) {
      z_[i] -= length * (gradient_[i] + decay_ * y[i]);
      x_[i] = gapbench::normal_or_zero(x_[i] + share * (z_[i] - x_[i]));
      y[i] = z_[i] + beta_ * (x_[i] - z_[i]);
    }
  }

  void archive(gapbench::State& state) override {
    state.field("z", z_);
    state.field("x", x_);
    state.field("squares", squares_);
    state.field("steps", steps_);
  }

  std::span<const float> evaluated() const noexcept override {
    if (steps_ == 0) return {};
    return x_;
  }

 private:
  double learning_rate_;
  float beta_;
  float decay_;
  double squares_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<float> gradient_;
  std::vector<float> z_;
  std::vector<float> x_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ScheduleFreeSgd>(
    {.name = "schedule_free_sgd",
     .summary = "SGD with averaging in place of a schedule; Defazio et al. 2024",
     .example = "learning_rate=0.1"},
    options));
