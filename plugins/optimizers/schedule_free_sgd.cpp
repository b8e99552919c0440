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

#include <array>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>
#include <gapbench/schedule_free.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{option::real("learning_rate", "step length at schedule factor 1").above(0)},
    gapbench::ScheduleFree::options);

class ScheduleFreeSgd final : public gapbench::Optimizer {
 public:
  ScheduleFreeSgd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        sequences_(o, gapbench::dimension_of(tensors)),
        gradient_(gapbench::dimension_of(tensors)) {}

  void step(gapbench::Step& step) override {
    const std::span<float> y = step.parameters();
    sequences_.begin(y, gradient_);
    step.gradient(gradient_);
    sequences_.move(learning_rate_ * step.schedule(), gradient_, y);
  }

  void archive(gapbench::State& state) override { sequences_.archive(state); }
  std::span<const float> evaluated() const noexcept override { return sequences_.average(); }

 private:
  double learning_rate_;
  gapbench::ScheduleFree sequences_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ScheduleFreeSgd>(
    {.name = "schedule_free_sgd",
     .summary = "SGD with averaging in place of a schedule; Defazio et al. 2024",
     .example = "learning_rate=0.1"},
    options));
