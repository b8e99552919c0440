// Schedule-Free AdamW: Adam's denominators, an average of iterates in place of momentum and of a
// decaying learning rate.
//
//   v <- beta2 v + (1 - beta2) g(y)^2                        v starts at 0
//   d = g(y) / (sqrt(v / (1 - beta2^t)) + epsilon)
//   z, x, y: as gapbench/schedule_free.h has it,   rate_t = learning_rate f(t)
//
// f is the schedule's factor: constant, or a warm-up and then constant (a decay would undo the idea). x
// is evaluated; with batch normalization the statistics are measured there. `beta` is the source's
// beta_1. Some versions of the authors' code put sqrt(1 - beta2^t) into the rate in place of v.
//
// Source: Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky 2024, "The road less scheduled".
// State: v, z and x, three floats per weight, and the sum of the squared rates. Cost per step: 1
// gradient.

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>
#include <gapbench/schedule_free.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    gapbench::ScheduleFree::options,
    std::array{
        option::real("learning_rate", "step length at schedule factor 1")
            .above(0)
            .by_default(2.5e-3),
        option::real("beta2", "decay of the mean of squares")
            .at_least(0)
            .below(1)
            .by_default(0.999),
        option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-8),
    });

class ScheduleFreeAdamW final : public gapbench::Optimizer {
 public:
  ScheduleFreeAdamW(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        decaying_(o.real("beta2")),
        epsilon_(static_cast<float>(o.real("epsilon"))),
        sequences_(o, gapbench::dimension_of(tensors)),
        gradient_(gapbench::dimension_of(tensors)),
        square_(gradient_.size()) {}

  void step(gapbench::Step& step) override {
    const std::span<float> y = step.parameters();
    sequences_.begin(y, gradient_);
    step.gradient(gradient_);
    ++steps_;
    const auto scale = static_cast<float>(1 / std::sqrt(decaying_.weight(steps_)));
    for (std::size_t i = 0; i < y.size(); ++i) {
      square_[i] = decaying_.with_square(square_[i], gradient_[i]);
      gradient_[i] /= std::sqrt(square_[i]) * scale + epsilon_;
    }
    sequences_.move(learning_rate_ * step.schedule(), gradient_, y);
  }

  void archive(gapbench::State& state) override {
    state.field("square", square_);
    state.field("t", steps_);
    sequences_.archive(state);
  }
  std::span<const float> evaluated() const noexcept override { return sequences_.average(); }

 private:
  double learning_rate_;
  gapbench::DecayingMean decaying_;
  float epsilon_;
  gapbench::ScheduleFree sequences_;
  std::uint64_t steps_ = 0;
  std::vector<float> gradient_;
  std::vector<float> square_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ScheduleFreeAdamW>(
    {.name = "schedule_free_adamw",
     .summary = "AdamW with averaging in place of a schedule; Defazio et al. 2024",
     .example = "learning_rate=0.01"},
    options));
