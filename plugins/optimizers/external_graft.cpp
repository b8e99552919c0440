// External grafting: the direction of the gradient, the step lengths of another trial.
//
//   w_(k+1) = w_k - scale l_k g / |g|,   l_k = |w_(k+1) - w_k| of the trial `from`
//
// g is the gradient of the objective, |g| its Euclidean norm over all parameters together. `from`
// names a method of the suite; its trial on the same problem with the same seed runs first. The
// lengths hold that trial's own learning rate and schedule: this trial's schedule is not applied,
// so where that one decays both should make the same number of steps. Where g = 0 it stays.
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD", grafting experiments. There the norm of the small batch's gradient is
// read from a log of every 20th step and multiplied by the learning rate; here every step counts,
// and for SGD without momentum at the same rate l_k is that product.
// State: none (the step's index says where we are). Cost per step: 1 gradient.

#include <cmath>
#include <string>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::trajectory("from", "method whose step lengths this one takes"),
    option::real("scale", "factor of the recorded lengths").above(0).by_default(1.0),
};

class ExternalGraft final : public gapbench::Optimizer {
 public:
  ExternalGraft(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : scale_(o.real("scale")) {
    const std::span<const float> lengths = o.trajectory("from");
    lengths_.assign(lengths.begin(), lengths.end());
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
  }

  void step(gapbench::Step& step) override {
    if (step.index() >= lengths_.size()) {
      throw gapbench::Error("external_graft.from",
                            "the recorded trial made " + std::to_string(lengths_.size()) +
                                " steps; this one needs as many as it makes");
    }
    step.gradient(gradient_);
    double squares = 0;
    for (const float g : gradient_) squares += double{g} * double{g};
    if (squares == 0) return;
    const auto rate = static_cast<float>(scale_ * lengths_[step.index()] / std::sqrt(squares));
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * gradient_[i];
  }

  void archive(gapbench::State&) override {}

 private:
  double scale_;
  std::vector<float> lengths_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ExternalGraft>(
    {.name = "external_graft",
     .summary = "gradient direction, step lengths of another trial; Novack et al. 2023",
     .example = "from=small-batch"},
    options));
