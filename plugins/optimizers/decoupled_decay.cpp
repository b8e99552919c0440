// Decoupled weight decay around any optimizer: weights shrink beside the step, not through the gradient.
//
//   w_(t+1) = inner(w_t) - decay f(t) w_t         f(t) the schedule's factor
//
// `inner` takes its step from w_t, so the decay is in no gradient, moment or norm. decay is the share of
// a weight that is lost a step at schedule factor 1, as Loshchilov and Hutter have it: PyTorch's AdamW
// with `weight_decay` at the rate `lr` is decay = lr weight_decay. apply_to: weights leaves biases and the
// scales and shifts of normalizations alone, as is usual in practice.
//
// Hold `clip` or `sam` inside; an average (`ema`) belongs outside: inside it would not see the decay.
// Methods that go on from iterates of their own (schedule_free_*, variational) stop with an error: they
// have a decay or a prior themselves.
//
// Source: Loshchilov, Hutter 2019, "Decoupled weight decay regularization".
// State: what the inner optimizer keeps; besides, one buffer. Cost per step: the inner optimizer's.

#include <algorithm>
#include <memory>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the steps"),
    option::real("decay", "share of a weight lost a step, at schedule factor 1")
        .at_least(0)
        .below(1),
    option::choice("apply_to", "all|weights", "every parameter, or weight matrices only")
        .by_default("weights"),
};

class DecoupledDecay final : public gapbench::Optimizer {
 public:
  DecoupledDecay(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)),
        decay_(o.real("decay")),
        start_(gapbench::dimension_of(tensors)) {
    const bool weights_only = o.choice("apply_to") == "weights";
    for (const gapbench::TensorInfo& tensor : tensors) {
      if (weights_only && tensor.kind != gapbench::TensorKind::weight) continue;
      decayed_.push_back({tensor.offset, tensor.size});
    }
  }

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    std::ranges::copy(w, start_.begin());
    inner_->step(step);
    const double share = decay_ * step.schedule();
    for (const Part& part : decayed_) {
      gapbench::add_scaled(-share, std::span(start_).subspan(part.offset, part.size),
                           w.subspan(part.offset, part.size));
    }
  }

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  struct Part {
    std::size_t offset;
    std::size_t size;
  };

  std::unique_ptr<gapbench::Optimizer> inner_;
  double decay_;
  std::vector<Part> decayed_;
  std::vector<float> start_;  // w before the step
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<DecoupledDecay>(
    {.name = "decoupled_decay",
     .summary = "any optimizer with decoupled weight decay; Loshchilov & Hutter 2019",
     .example = "inner=sgd decay=0.0005"},
    options));
