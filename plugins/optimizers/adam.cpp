// Adam, with optional decoupled weight decay (AdamW).
//
//   m <- beta1 m + (1 - beta1) g,   v <- beta2 v + (1 - beta2) g^2     both start at 0
//   epsilon_added_to: corrected     w <- w - rate * m^ / (sqrt(v^) + epsilon)
//   epsilon_added_to: raw           w <- w - rate * sqrt(c2) / c1 * m / (sqrt(v) + epsilon)
//   before either, decoupled:       w <- w - rate * decay * w
//
// with c1 = 1 - beta1^t, c2 = 1 - beta2^t, m^ = m / c1, v^ = v / c2, t = 1, 2, ... and
// rate = learning_rate f(k), f(k) the schedule's factor. "corrected" is algorithm 1 of the paper
// and what PyTorch does; "raw" is the cheaper form at the end of its section 2, TensorFlow's
// "epsilon hat". The two agree for epsilon -> 0: raw with epsilon is corrected with
// epsilon / sqrt(c2), which at t = 1 and beta2 = 0.999 is 32 times as large.
// decay is multiplied by the scheduled rate and acts on all parameters (PyTorch's AdamW; Loshchilov
// and Hutter multiply it by f(k) alone: their decay is learning_rate times this one).
//
// Source: Kingma & Ba 2015, "Adam: a method for stochastic optimization"; Loshchilov & Hutter 2019,
// "Decoupled weight decay regularization".
// State: m and v, two floats per weight, and t. Cost per step: 1 gradient.

#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(1e-3),
    option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.9),
    option::real("beta2", "decay of the mean of squares").at_least(0).below(1).by_default(0.999),
    option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-8),
    option::choice("epsilon_added_to", "corrected|raw",
                   "the bias-corrected sqrt(v^) (PyTorch) or the raw sqrt(v) (TensorFlow)")
        .by_default("corrected"),
    option::real("decay", "decoupled weight decay, times the rate").at_least(0).by_default(0.0),
};

class Adam final : public gapbench::Optimizer {
 public:
  Adam(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        beta1_(o.real("beta1")),
        beta2_(o.real("beta2")),
        epsilon_(o.real("epsilon")),
        raw_(o.choice("epsilon_added_to") == "raw"),
        decay_(o.real("decay")) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    gradient_.resize(dimension);
    mean_.resize(dimension);
    square_.resize(dimension);
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    ++steps_;
    const double rate = learning_rate_ * step.schedule();
    const double t = static_cast<double>(steps_);
    const double c1 = 1 - std::pow(beta1_, t);
    const double root = std::sqrt(1 - std::pow(beta2_, t));
    // Both forms are length * m / (sqrt(v) * scale + epsilon).
    move(step.parameters(), static_cast<float>(raw_ ? rate * root / c1 : rate / c1),
         static_cast<float>(raw_ ? 1 : 1 / root), static_cast<float>(1 - rate * decay_));
  }

  void archive(gapbench::State& state) override {
    state.field("mean", mean_);
    state.field("square", square_);
    state.field("steps", steps_);
  }

 private:
  void move(std::span<float> w, float length, float scale, float keep) {
    const auto beta1 = static_cast<float>(beta1_);
    const auto beta2 = static_cast<float>(beta2_);
    const auto rest1 = static_cast<float>(1 - beta1_);
    const auto rest2 = static_cast<float>(1 - beta2_);
    const auto epsilon = static_cast<float>(epsilon_);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float g = gradient_[i];
      mean_[i] = gapbench::normal_or_zero(beta1 * mean_[i] + rest1 * g);
      square_[i] = gapbench::normal_or_zero(beta2 * square_[i] + rest2 * g * g);
      w[i] = keep * w[i] - length * mean_[i] / (std::sqrt(square_[i]) * scale + epsilon);
    }
  }

  double learning_rate_;
  double beta1_;
  double beta2_;
  double epsilon_;
  bool raw_;
  double decay_;
  std::uint64_t steps_ = 0;
  std::vector<float> gradient_;
  std::vector<float> mean_;
  std::vector<float> square_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Adam>(
    {.name = "adam",
     .summary = "adaptive moments, optional decoupled decay (AdamW); Kingma & Ba 2015",
     .example = "learning_rate=0.01"},
    options));
