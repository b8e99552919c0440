// Weight noise around any optimizer: all that it asks is asked at weights with Gaussian noise.
//
//   F(w + deviation e),   e ~ N(0, I),   one draw of e for a step
//
// for values, gradients, Hessian-vector products and micro-batches alike. The expectation is F smoothed:
// to second order F(w) + deviation^2 / 2 tr H, a preference for flat places. Evaluations see w without
// noise. apply_to: weights leaves biases and the scales and shifts of normalizations as they are.
// `variational` learns the deviation of every weight instead.
//
// Source: Murray, Edwards 1994, "Enhanced MLP performance and fault tolerance resulting from synaptic
// weight noise during training"; An 1996, "The effects of adding noise during backpropagation training on
// a generalization performance".
// State: what the inner optimizer keeps; besides, two buffers. Cost per step: the inner optimizer's, and
// one normal a parameter for each question.

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

using gapbench::At;
using gapbench::TensorInfo;
namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the steps"),
    option::real("deviation", "of the noise on each weight").at_least(0),
    option::choice("apply_to", "all|weights", "every parameter, or weight matrices only")
        .by_default("weights"),
};

class WeightNoise final : public gapbench::Optimizer {
 public:
  WeightNoise(const gapbench::Options& o, std::span<const TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)),
        deviation_(static_cast<float>(o.real("deviation"))),
        weights_only_(o.choice("apply_to") == "weights"),
        tensors_(tensors.begin(), tensors.end()),
        noise_(gapbench::dimension_of(tensors)),
        noisy_(noise_.size()) {}

  void step(gapbench::Step& step) override;

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

  gapbench::Posterior* posterior() noexcept override { return inner_->posterior(); }
  std::span<const float> evaluated() const noexcept override { return inner_->evaluated(); }

 private:
  friend class NoisyStep;

  std::unique_ptr<gapbench::Optimizer> inner_;
  float deviation_;
  bool weights_only_;
  std::vector<TensorInfo> tensors_;
  std::vector<float> noise_;
  std::vector<float> noisy_;
};

class NoisyStep final : public gapbench::StandInStep {
 public:
  NoisyStep(gapbench::Step& step, WeightNoise& method) : StandInStep(step), method_(method) {}

  double gradient(const At& at, std::span<float> out, std::span<float> by_variance) override {
    return step().gradient(disturbed(at), out, by_variance);
  }
  double value(const At& at) override { return step().value(disturbed(at)); }
  void hessian_vector(const At& at, std::span<const float> v, std::span<float> out) override {
    step().hessian_vector(disturbed(at), v, out);
  }
  void for_each_micro_batch(
      const At& at, const std::function<void(gapbench::MicroBatch&, std::size_t)>& f) override {
    step().for_each_micro_batch(disturbed(at), f);
  }
  void mean_over(const At& at, std::size_t examples, const gapbench::MicroBatchTerm& f,
                 std::span<float> out) override {
    step().mean_over(disturbed(at), examples, f, out);
  }

 private:
  /// The same draw of e wherever it is asked in this step, another one for each At::draw.
  At disturbed(At at) {
    if (at.draw == At::no_noise) return at;
    const std::span<const float> w = at.parameters.empty() ? step().parameters() : at.parameters;
    std::ranges::copy(w, method_.noisy_.begin());
    step().random("weight noise").at("draw", at.draw).normals(method_.noise_);
    for (const TensorInfo& tensor : method_.tensors_) {
      if (method_.weights_only_ && tensor.kind != gapbench::TensorKind::weight) continue;
      gapbench::add_scaled(method_.deviation_,
                           std::span(method_.noise_).subspan(tensor.offset, tensor.size),
                           std::span(method_.noisy_).subspan(tensor.offset, tensor.size));
    }
    at.parameters = method_.noisy_;
    return at;
  }

  WeightNoise& method_;
};

void WeightNoise::step(gapbench::Step& step) {
  NoisyStep noisy(step, *this);
  inner_->step(noisy);
}

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<WeightNoise>(
    {.name = "weight_noise",
     .summary = "any optimizer under Gaussian noise on the weights; Murray & Edwards 1994",
     .example = "inner=sgd deviation=0.01"},
    options));
