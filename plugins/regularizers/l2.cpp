// Squared Euclidean norm of the parameters.
//
//   convention: full     R(w) = lambda |w|^2        dR/dw = 2 lambda w
//   convention: half     R(w) = lambda/2 |w|^2      dR/dw = lambda w
//
// "half" is what is called weight decay in most code (PyTorch's SGD adds weight_decay * w to the
// gradient), so weight_decay 5e-4 is lambda 5e-4 with half and 2.5e-4 with full. Under an adaptive
// optimizer this is not decoupled weight decay (Loshchilov & Hutter 2019).
// apply_to: all takes every parameter; weights leaves biases and the scales and shifts of
// normalizations alone.
//
// Source: Krogh & Hertz 1992, "A simple weight decay can improve generalization".
// State: none. Cost per step: one pass over the parameters.

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("lambda", "strength").at_least(0),
    option::choice("convention", "full|half", "lambda |w|^2, or (lambda/2) |w|^2: weight decay")
        .by_default("full"),
    option::choice("apply_to", "all|weights", "every parameter, or weight matrices only")
        .by_default("all"),
};

class L2 final : public gapbench::Regularizer {
 public:
  explicit L2(const gapbench::Options& o)
      : factor_(o.choice("convention") == "half" ? o.real("lambda") / 2 : o.real("lambda")),
        weights_only_(o.choice("apply_to") == "weights") {}

  double penalize_parameters(const gapbench::Parameters& parameters,
                             std::span<float> gradient) const override {
    const auto slope = static_cast<float>(2 * factor_);
    double sum = 0;
    for (const auto& tensor : parameters.tensors) {
      if (weights_only_ && tensor.kind != gapbench::TensorKind::weight) continue;
      const auto w = parameters.values.subspan(tensor.offset, tensor.size);
      for (const float x : w) sum += static_cast<double>(x) * x;
      if (gradient.empty()) continue;
      const auto out = gradient.subspan(tensor.offset, tensor.size);
      for (std::size_t i = 0; i < w.size(); ++i) out[i] += slope * w[i];
    }
    return factor_ * sum;
  }

 private:
  double factor_;  // R = factor |w|^2
  bool weights_only_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<L2>(
    {.name = "l2",
     .summary = "squared norm of the parameters, weight decay; Krogh & Hertz 1992",
     .example = "lambda=0.0005"},
    options));
