// Prodigy: Adam that estimates its learning rate from how far it has come.
//
//   m <- beta1 m + (1 - beta1) d g,   v <- beta2 v + (1 - beta2) d^2 g^2        both start at 0
//   r <- beta3 r + f d^2 <g, w_0 - w>,   s <- beta3 s + f d^2 g                 both start at 0
//   w <- w - f d m / (sqrt(v) + d epsilon)
//   d <- max(d, factor r / |s|_1)
//
// with beta3 = sqrt(beta2), f = learning_rate f(k) and w_0 the parameters at the first step. d never
// falls. learning_rate stays 1 as the source has it; `factor` is what to tune (0.5, 2). A warm-up makes d
// grow too far, says the source's README. No bias correction, as there by default. Scalars and norms in
// double. Decoupled weight decay: hold this in decoupled_decay, whose share is one of w, not of d w.
//
// Source: Mishchenko, Defazio 2024, "Prodigy: an expeditiously adaptive parameter-free learner", the
// algorithm in Adam's form.
// State: m, v, s and w_0, four floats per weight, and d, r and the number of steps. Cost per step: 1
// gradient.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gapbench/moments.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "factor of the estimated rate at schedule factor 1")
        .above(0)
        .by_default(1),
    option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.9),
    option::real("beta2", "decay of the mean of squares").above(0).below(1).by_default(0.999),
    option::real("epsilon", "keeps the denominator away from 0").above(0).by_default(1e-8),
    option::real("start", "the estimate d at the start").above(0).by_default(1e-6),
    option::real("factor", "of the estimate").above(0).by_default(1),
};

class Prodigy final : public gapbench::Optimizer {
 public:
  Prodigy(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        by_beta1_(o.real("beta1")),
        by_beta2_(o.real("beta2")),
        beta3_(std::sqrt(o.real("beta2"))),
        epsilon_(o.real("epsilon")),
        factor_(o.real("factor")),
        estimate_(o.real("start")),
        gradient_(gapbench::dimension_of(tensors)) {
    for (auto* buffer : {&mean_, &square_, &sum_, &start_}) buffer->resize(gradient_.size());
  }

  void step(gapbench::Step& step) override {
    const std::span<float> w = step.parameters();
    if (steps_++ == 0) std::ranges::copy(w, start_.begin());
    step.gradient(gradient_);
    const double rate = learning_rate_ * step.schedule();
    const double length = sum_up(rate, w);
    move(rate, w);
    if (length > 0) estimate_ = std::max(estimate_, factor_ * numerator_ / length);
  }

  void archive(gapbench::State& state) override {
    state.field("mean", mean_);
    state.field("square", square_);
    state.field("sum", sum_);
    state.field("start", start_);
    state.field("numerator", numerator_);
    state.field("estimate", estimate_);
    state.field("steps", steps_);
  }

 private:
  /// Takes g into r and s. Returns |s|_1.
  double sum_up(double rate, std::span<const float> w) {
    const double weight = rate * estimate_ * estimate_;
    double along = 0;
    double length = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double g = gradient_[i];
      along += g * (double{start_[i]} - w[i]);
      sum_[i] = gapbench::normal_or_zero(static_cast<float>(beta3_ * sum_[i] + weight * g));
      length += std::abs(double{sum_[i]});
    }
    numerator_ = beta3_ * numerator_ + weight * along;
    return length;
  }

  void move(double rate, std::span<float> w) {
    const auto d = static_cast<float>(estimate_);
    const auto length = static_cast<float>(rate * estimate_);
    const auto floor = static_cast<float>(estimate_ * epsilon_);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const float g = d * gradient_[i];
      mean_[i] = by_beta1_.with(mean_[i], g);
      square_[i] = by_beta2_.with_square(square_[i], g);
      w[i] -= length * mean_[i] / (std::sqrt(square_[i]) + floor);
    }
  }

  double learning_rate_;
  gapbench::DecayingMean by_beta1_;
  gapbench::DecayingMean by_beta2_;
  double beta3_;
  double epsilon_;
  double factor_;
  double estimate_;  // d
  double numerator_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<float> gradient_;
  std::vector<float> mean_;
  std::vector<float> square_;
  std::vector<float> sum_;  // s
  std::vector<float> start_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Prodigy>(
    {.name = "prodigy",
     .summary = "Adam that estimates its learning rate; Mishchenko & Defazio 2024",
     .example = "start=0.001"},
    options));
