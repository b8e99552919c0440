// Gradient clipping around any optimizer: no gradient that it sees is longer than a bound.
//
//   g <- g min(1, norm / (|g| + 1e-6))
//
// for every gradient that `inner` asks for, wherever that is (both of sam's, say). per: all takes the
// Euclidean norm over all parameters together, per: tensor one of each tensor by itself. Penalties are
// in g and clipped along; values and Hessian-vector products are not changed. What is added behind the
// gradient (momentum, decoupled_decay around this one) is not clipped.
//
// Source: Pascanu, Mikolov, Bengio 2013, "On the difficulty of training recurrent neural networks".
// State: what the inner optimizer keeps. Cost per step: the inner optimizer's.

#include <memory>
#include <vector>

#include <gapbench/clipping.h>
#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the steps"),
    option::real("norm", "longest gradient").above(0),
    option::choice("per", "all|tensor", "one norm over all parameters, or one for each tensor")
        .by_default("all"),
};

class ClippedStep final : public gapbench::StandInStep {
 public:
  /// No tensors: one norm over all parameters.
  ClippedStep(gapbench::Step& step, double norm, std::span<const gapbench::TensorInfo> tensors)
      : StandInStep(step), norm_(norm), tensors_(tensors) {}

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    const double value = step().gradient(at, out, by_variance);
    const auto clip = [&](std::size_t offset, std::size_t size) {
      const auto g = out.subspan(offset, size);
      const float share = gapbench::clipped_share(g, norm_);
      if (share == 1) return;
      for (float& x : g) x *= share;
      if (by_variance.empty()) return;
      for (float& x : by_variance.subspan(offset, size)) x *= share;
    };
    if (tensors_.empty()) clip(0, out.size());
    for (const gapbench::TensorInfo& tensor : tensors_) clip(tensor.offset, tensor.size);
    return value;
  }

 private:
  double norm_;
  std::span<const gapbench::TensorInfo> tensors_;
};

class Clip final : public gapbench::Optimizer {
 public:
  Clip(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)), norm_(o.real("norm")) {
    if (o.choice("per") == "tensor") tensors_.assign(tensors.begin(), tensors.end());
  }

  void step(gapbench::Step& step) override {
    ClippedStep clipped(step, norm_, tensors_);
    inner_->step(clipped);
  }

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  std::unique_ptr<gapbench::Optimizer> inner_;
  double norm_;
  std::vector<gapbench::TensorInfo> tensors_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Clip>(
    {.name = "clip",
     .summary = "any optimizer on gradients of bounded length; Pascanu et al. 2013",
     .example = "inner=sgd norm=1"},
    options));
