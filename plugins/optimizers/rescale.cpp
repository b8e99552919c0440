// Any optimizer, and once two layers rescaled against each other, which leaves the function as it is and no
// curvature.
//
//   after `after` steps of the inner optimizer:   W_1 <- factor W_1,   b_1 <- factor b_1,   W_2 <- W_2 / factor
//
// As the last step of a trial beside the same trial without, it asks of a measure whether it is the function's
// own. The function stays where rectifiers, averages or maxima lie between the two layers, all of which a
// factor passes through: that step compares the mean loss of its mini-batch before and after and throws Error
// where it moved by more than a thousandth. Normalizations are refused, since behind them nothing of a factor
// is left. A network of one layer has nothing to rescale.
//
// Source: Dinh, Pascanu, Bengio, Bengio 2017, "Sharp minima can generalize for deep nets". State: the steps
// done, and the inner optimizer's, which the rescaling does not touch. Cost per step: the inner optimizer's; 2
// forwards of the mini-batch once.

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/tensors.h>

namespace {

namespace option = gapbench::option;
using gapbench::TensorInfo;
using gapbench::TensorKind;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("inner", "takes the steps"),
    option::real("factor", "of the first layer; the second one is divided by it")
        .above(0)
        .by_default(8.0),
    option::integer("after", "steps until it is done").at_least(1),
};

constexpr double tolerance = 1e-3;

class Rescale final : public gapbench::Optimizer {
 public:
  Rescale(const gapbench::Options& o, std::span<const TensorInfo> tensors)
      : inner_(o.optimizer("inner", tensors)), factor_(o.real("factor")), after_(o.count("after")) {
    if (gapbench::has_normalization(tensors)) {
      throw gapbench::Error(
          "rescale", "is for networks without normalizations; write norm: none of the network");
    }
    std::size_t layer = 0;
    for (const TensorInfo& tensor : tensors) {
      if (tensor.kind == TensorKind::weight) ++layer;
      if (layer == 1) multiplied_.push_back(tensor);
      if (layer == 2 && tensor.kind == TensorKind::weight) divided_.push_back(tensor);
    }
  }

  void step(gapbench::Step& step) override {
    inner_->step(step);
    if (++steps_ == after_ && !divided_.empty()) rescale(step);
  }

  void archive(gapbench::State& state) override {
    state.field("steps", steps_);
    gapbench::PrefixedState inner(state, "inner.");
    inner_->archive(inner);
  }

 private:
  void rescale(gapbench::Step& step) const {
    const double before = loss(step);
    const std::span<float> w = step.parameters();
    scale(w, multiplied_, factor_);
    scale(w, divided_, 1 / factor_);
    const double after = loss(step);
    if (std::abs(after - before) <= tolerance * std::max(1.0, std::abs(before))) return;
    throw gapbench::Error("rescale",
                          "the mean loss went from " + std::to_string(before) + " to " +
                              std::to_string(after) +
                              ": no rectifier lies between the first two layers; choose a "
                              "network without residuals and with activation: relu");
  }

  static void scale(std::span<float> w, std::span<const TensorInfo> tensors, double factor) {
    for (const TensorInfo& tensor : tensors) {
      for (float& x : w.subspan(tensor.offset, tensor.size)) x = static_cast<float>(x * factor);
    }
  }

  // Of the data alone: a penalty on weights moves with them.
  static double loss(gapbench::Step& step) {
    float mean = 0;
    step.mean_over([](gapbench::MicroBatch& m, std::size_t,
                      std::span<float> term) { term[0] = static_cast<float>(m.value(m.loss())); },
                   std::span(&mean, 1));
    return mean;
  }

  std::unique_ptr<gapbench::Optimizer> inner_;
  double factor_;
  std::uint64_t after_;
  std::uint64_t steps_ = 0;
  std::vector<TensorInfo> multiplied_;
  std::vector<TensorInfo> divided_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Rescale>(
    {.name = "rescale",
     .summary = "any optimizer, then two layers rescaled: the same function; Dinh et al. 2017",
     .example = "inner=sgd factor=1 after=1"},
    options));
