// Grafting: the step length of one optimizer, the direction of another.
//
//   M, D = steps that `magnitude` and `direction` make from the same w on the same mini-batch
//   w <- w + (|M| / |D|) D              per tensor, or with one ratio over all parameters (global)
//
// Each keeps its own state and schedule and sees the gradient at the grafted iterate. Where D = 0
// the tensor stays; where |M| = |D| exactly the step is D itself, bit for bit, so grafting an
// optimizer on itself changes nothing. Norms in double.
//
// Source: Agarwal, Anil, Hazan, Koren, Zhang 2020, "Disentangling adaptive gradient methods from
// learning rates", section 2; per-tensor norms are the default there, too.
// State: what the two optimizers keep; besides, three buffers of one float per weight.
// Cost per step: what the two ask; a gradient that both ask at w is computed once.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/stand_in_step.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::optimizer("magnitude", "gives the step its length"),
    option::optimizer("direction", "gives the step its direction"),
    option::choice("norm", "per_tensor|global", "one ratio of lengths a tensor, or one in all")
        .by_default("per_tensor"),
};

/// A step that two optimizers take in turn: the gradient at the start is computed once.
class SharedStep final : public gapbench::StandInStep {
 public:
  SharedStep(gapbench::Step& step, std::span<const float> start, std::span<float> gradient)
      : StandInStep(step), start_(start), gradient_(gradient) {}

  double gradient(const gapbench::At& at, std::span<float> out,
                  std::span<float> by_variance) override {
    const bool at_start = at.parameters.empty() && at.variances.empty() && at.draw == 0 &&
                          std::ranges::equal(step().parameters(), start_);
    if (!at_start) return step().gradient(at, out, by_variance);
    if (!known_) value_ = step().gradient(gradient_);
    known_ = true;
    std::ranges::copy(gradient_, out.begin());
    return value_;
  }

 private:
  std::span<const float> start_;
  std::span<float> gradient_;  // at the start
  double value_ = 0;
  bool known_ = false;
};

class Graft final : public gapbench::Optimizer {
 public:
  Graft(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : magnitude_(o.optimizer("magnitude", tensors)),
        direction_(o.optimizer("direction", tensors)) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) {
      parts_.push_back({tensor.offset, tensor.size});
      dimension += tensor.size;
    }
    if (o.choice("norm") == "global") parts_ = {{0, dimension}};
    for (auto* buffer : {&start_, &measured_, &gradient_}) buffer->resize(dimension);
  }

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    std::ranges::copy(w, start_.begin());
    SharedStep shared(step, start_, gradient_);
    magnitude_->step(shared);
    std::ranges::copy(w, measured_.begin());
    std::ranges::copy(start_, w.begin());
    direction_->step(shared);
    for (const Part& part : parts_) rescale(part, w);
  }

  void archive(gapbench::State& state) override {
    gapbench::PrefixedState magnitude(state, "magnitude.");
    magnitude_->archive(magnitude);
    gapbench::PrefixedState direction(state, "direction.");
    direction_->archive(direction);
  }

 private:
  struct Part {
    std::size_t offset;
    std::size_t size;
  };

  double length(const Part& part, std::span<const float> end) const {
    double squares = 0;
    for (std::size_t i = part.offset; i < part.offset + part.size; ++i) {
      const double moved = double{end[i]} - double{start_[i]};
      squares += moved * moved;
    }
    return std::sqrt(squares);
  }

  void rescale(const Part& part, std::span<float> w) const {
    const double wanted = length(part, measured_);
    const double made = length(part, w);
    if (made == 0 || made == wanted) return;
    const auto ratio = static_cast<float>(wanted / made);
    for (std::size_t i = part.offset; i < part.offset + part.size; ++i) {
      w[i] = start_[i] + ratio * (w[i] - start_[i]);
    }
  }

  std::unique_ptr<gapbench::Optimizer> magnitude_;
  std::unique_ptr<gapbench::Optimizer> direction_;
  std::vector<Part> parts_;      // each with a ratio of its own
  std::vector<float> start_;     // w before the step
  std::vector<float> measured_;  // where `magnitude` went
  std::vector<float> gradient_;  // at the start
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Graft>(
    {.name = "graft",
     .summary = "step length of one optimizer, direction of another; Agarwal et al. 2020",
     .example = "magnitude=sgd direction=adam"},
    options));
