// Lookahead around any optimizer: slow weights follow where fast ones lead.
//
//   inner takes `every` steps from w = phi, to w'
//   phi <- phi + share (w' - phi),   w <- phi
//
// The state of `inner` (momentum, moments) is kept across. phi is the point that the method stands for:
// evaluations and probes see it, between two of its moves, too, so the first `every` - 1 evaluations of
// a trial that is evaluated each step see the start; with batch normalization the statistics are measured
// there. Methods that go on from iterates of their own (schedule_free_*, variational) stop with an error.
//
// Source: Zhang, Lucas, Hinton, Ba 2019, "Lookahead optimizer: k steps forward, 1 step back".
// State: phi, one float per weight, and the number of steps; besides what the inner optimizer keeps.
// Cost per step: the inner optimizer's.

#include <algorithm>
#include <memory>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the fast steps"),
    option::integer("every", "fast steps for a slow one")
        .at_least(1)
        .in_unit("steps")
        .by_default(5),
    option::real("share", "of the way that the slow weights follow")
        .above(0)
        .at_most(1)
        .by_default(0.5),
};

class Lookahead final : public gapbench::Optimizer {
 public:
  Lookahead(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)),
        every_(o.count("every")),
        share_(static_cast<float>(o.real("share"))),
        slow_(gapbench::dimension_of(tensors)) {}

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    if (steps_ == 0) std::ranges::copy(w, slow_.begin());
    inner_->step(step);
    if (++steps_ % every_ != 0) return;
    for (std::size_t i = 0; i < w.size(); ++i) {
      slow_[i] = gapbench::normal_or_zero(slow_[i] + share_ * (w[i] - slow_[i]));
      w[i] = slow_[i];
    }
  }

  void archive(gapbench::State& state) override {
    state.field("slow", slow_);
    state.field("steps", steps_);
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  std::span<const float> evaluated() const noexcept override {
    if (steps_ == 0) return {};
    return slow_;
  }
  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }

 private:
  std::unique_ptr<gapbench::Optimizer> inner_;
  std::size_t every_;
  float share_;
  std::uint64_t steps_ = 0;
  std::vector<float> slow_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Lookahead>(
    {.name = "lookahead",
     .summary = "any optimizer, followed by slow weights; Zhang et al. 2019",
     .example = "inner=sgd every=5"},
    options));
