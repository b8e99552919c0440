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

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{option::real("learning_rate", "step length at schedule factor 1")
                   .above(0)
                   .by_default(1e-3)},
    option::joined(
        gapbench::Moments::options,
        std::array{
            option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-8),
            option::choice("epsilon_added_to", "corrected|raw",
                           "the bias-corrected sqrt(v^) (PyTorch) or the raw sqrt(v) (TensorFlow)")
                .by_default("corrected"),
            option::real("decay", "decoupled weight decay, times the rate")
                .at_least(0)
                .by_default(0.0),
        }));

class Adam final : public gapbench::Optimizer {
 public:
  Adam(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        moments_(o, gapbench::dimension_of(tensors)),
        epsilon_(o.real("epsilon")),
        raw_(o.choice("epsilon_added_to") == "raw"),
        decay_(o.real("decay")),
        gradient_(gapbench::dimension_of(tensors)) {}

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    moments_.begin();
    const double rate = learning_rate_ * step.schedule();
    const double c1 = moments_.mean_weight();
    const double root = std::sqrt(moments_.square_weight());
    // Both forms are length * m / (sqrt(v) * scale + epsilon).
    move(step.parameters(), static_cast<float>(raw_ ? rate * root / c1 : rate / c1),
         static_cast<float>(raw_ ? 1 : 1 / root), static_cast<float>(1 - rate * decay_));
  }

  void archive(gapbench::State& state) override { moments_.archive(state); }

 private:
  void move(std::span<float> w, float length, float scale, float keep) {
    const auto epsilon = static_cast<float>(epsilon_);
    moments_.take(gradient_, gradient_, [&](std::size_t i, float m, float v) {
      w[i] = keep * w[i] - length * m / (std::sqrt(v) * scale + epsilon);
    });
  }

  double learning_rate_;
  gapbench::Moments moments_;
  double epsilon_;
  bool raw_;
  double decay_;
  std::vector<float> gradient_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Adam>(
    {.name = "adam",
     .summary = "adaptive moments, optional decoupled decay (AdamW); Kingma & Ba 2015",
     .example = "learning_rate=0.01"},
    options));
