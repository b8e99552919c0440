// Exponential moving average of the iterates of any optimizer: what is evaluated is the average.
//
//   inner makes w_1, w_2, ...
//   a_t = sum_k (1 - decay) decay^(t - k) w_k / (1 - decay^t),   k = 1 .. t
//
// The weights sum to 1 from the first step on, so no start point and no warm-up of the decay is
// needed: a_1 = w_1. Training goes on at w; evaluations and probes see a, and with batch
// normalization the statistics are measured there (population statistics, at the price of a pass
// over the training part before every evaluation). decay 0.999 averages over about the last 1,000
// steps; decay 0 is the inner optimizer itself.
//
// Source: Polyak & Juditsky 1992, "Acceleration of stochastic approximation by averaging" (the
// average of all iterates); in this form with the bias taken out as Kingma & Ba 2015, "Adam: a
// method for stochastic optimization", section 7.2.
// State: a, one float per weight, and t; besides what the inner optimizer keeps.
// Cost per step: the inner optimizer's.

#include <cmath>
#include <memory>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the steps"),
    option::real("decay", "of the weight of an iterate, a step")
        .at_least(0)
        .below(1)
        .by_default(0.999),
};

class Ema final : public gapbench::Optimizer {
 public:
  Ema(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)), decay_(o.real("decay")) {
    for (const auto& tensor : tensors) average_.resize(average_.size() + tensor.size);
  }

  void step(gapbench::Step& step) override {
    inner_->step(step);
    ++steps_;
    const double rest = 1 - std::pow(decay_, static_cast<double>(steps_));
    const auto share = static_cast<float>((1 - decay_) / rest);  // 1 at the first step
    const std::span<const float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      average_[i] = gapbench::normal_or_zero(average_[i] + share * (w[i] - average_[i]));
    }
  }

  void archive(gapbench::State& state) override {
    state.field("average", average_);
    state.field("steps", steps_);
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  std::span<const float> evaluated() const noexcept override {
    if (steps_ == 0) return {};
    return average_;
  }
  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }

 private:
  std::unique_ptr<gapbench::Optimizer> inner_;
  double decay_;
  std::uint64_t steps_ = 0;
  std::vector<float> average_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Ema>(
    {.name = "ema",
     .summary = "any optimizer, evaluated at the average of its iterates; Polyak & Juditsky 1992",
     .example = "inner=sgd decay=0.9"},
    options));
