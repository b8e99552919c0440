// Noisy Adam: natural-gradient variational inference, where Adam's mean of squared gradients is the
// precision that the weights are drawn with.
//
//   p0 = kl_weight / (N prior_variance),   w ~ N(mu, (kl_weight / N) / (f + p0)) for each parameter
//   m <- beta1 m + (1 - beta1) (g(w) + p0 w)
//   f <- beta2 f + (1 - beta2) s(w)
//   mu <- mu - learning_rate f(k) (m / (1 - beta1^t)) / (f + p0 + damping)          no square root
//
// g is the gradient of the objective on the mini-batch, N the number of training examples, f(k) the
// schedule's factor. f starts where the deviation is start_deviation (0 if that is above the prior's).
//
//   squares: examples   s = mean over the mini-batch of the squared gradients of single examples
//   squares: batch      s = g^2, as published
//
// f is to be the Fisher information of one example. The square of a mini-batch's mean gradient is smaller
// by about the batch size, where gradients are mostly noise: with `batch` the variances come out too
// large by as much, down to the prior's. On a linear model with Gaussian noise `examples` comes to rest
// at the variances 1 / (N f + 1 / prior_variance) of the best mean-field Gaussian. A regularizer beside
// prior_variance is a second prior; its gradient is in g, not in f. Reported: the root of the mean
// variance. The point that is trained and evaluated is mu; `objective` in the record is that at w.
//
// Source: Zhang, Sun, Duvenaud, Grosse 2018, "Noisy natural gradient as variational inference",
// algorithm 1. State: m, f, 2 floats a parameter, and t. Cost per step: 1 gradient and 1 normal a
// parameter, with `examples` 1 forward and 2 backward more (none with batch normalization: an error).

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("learning_rate", "step length at schedule factor 1").above(0).by_default(1e-3),
    option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
        .above(0),
    option::real("beta1", "decay of the mean of gradients").at_least(0).below(1).by_default(0.9),
    option::real("beta2", "decay of the mean of squares").at_least(0).below(1).by_default(0.999),
    option::real("damping", "added to the precision that divides the step")
        .at_least(0)
        .by_default(0.0),
    option::real("kl_weight", "of the divergence in the evidence bound").above(0).by_default(1.0),
    option::real("start_deviation", "of the weights at the start").above(0).by_default(0.05),
    option::choice("squares", "examples|batch", "of single examples, or of the mini-batch's mean")
        .by_default("examples"),
};

class NoisyAdam final : public gapbench::Optimizer, public gapbench::Posterior {
 public:
  NoisyAdam(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        beta1_(o.real("beta1")),
        beta2_(o.real("beta2")),
        damping_(o.real("damping")),
        kl_weight_(o.real("kl_weight")),
        start_deviation_(o.real("start_deviation")),
        by_examples_(o.choice("squares") == "examples") {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* buffer : {&center_, &mean_, &square_, &variances_, &drawn_, &gradient_, &term_}) {
      buffer->resize(dimension);
    }
  }

  void step(gapbench::Step& step) override {
    const auto examples = static_cast<double>(step.training_examples());
    const double prior = kl_weight_ / (examples * prior_variance_);
    if (steps_ == 0) begin(step.parameters(), examples, prior);
    draw_weights(step.random("noisy_adam"), step.parameters());
    step.gradient_at(drawn_, gradient_);
    if (by_examples_) {
      step.mean_over(
          {.parameters = drawn_}, 0,
          [](gapbench::MicroBatch& m, std::size_t, std::span<float> term) {
            m.example_gradient_squares(m.loss(), term);
          },
          term_);
    } else {
      std::ranges::transform(gradient_, term_.begin(), [](float g) { return g * g; });
    }
    ++steps_;
    move(step.parameters(), learning_rate_ * step.schedule(), prior);
    weigh(examples, prior);
    std::ranges::copy(step.parameters(), center_.begin());
  }

  void archive(gapbench::State& state) override {
    state.field("center", center_);
    state.field("mean", mean_);
    state.field("square", square_);
    state.field("variances", variances_);
    state.field("steps", steps_);
  }

  gapbench::Posterior* posterior() noexcept override { return this; }

  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    random.at("draw", k).normals(w);
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = center_[i] + std::sqrt(variances_[i]) * w[i];
  }
  bool is_ready() const noexcept override { return steps_ > 0; }
  std::uint64_t ready_after() const noexcept override { return 1; }
  std::span<const float> center() const noexcept override { return center_; }
  std::span<const float> variances() const noexcept override { return variances_; }
  std::optional<gapbench::Divergence> divergence() const override {
    double nats = 0;
    for (std::size_t i = 0; i < center_.size(); ++i) {
      const double ratio = variances_[i] / prior_variance_;
      nats += (ratio + double{center_[i]} * center_[i] / prior_variance_ - 1 - std::log(ratio)) / 2;
    }
    return gapbench::Divergence{std::max(0.0, nats), 0};
  }
  void report(gapbench::Metrics& metrics) const override {
    double sum = 0;
    for (const float v : variances_) sum += v;
    metrics.add("deviation", std::sqrt(sum / static_cast<double>(variances_.size())), "");
  }

 private:
  void begin(std::span<const float> w, double examples, double prior) {
    const double precision = kl_weight_ / (examples * start_deviation_ * start_deviation_);
    std::ranges::fill(square_, static_cast<float>(std::max(0.0, precision - prior)));
    std::ranges::copy(w, center_.begin());
    weigh(examples, prior);
  }

  void draw_weights(gapbench::Random random, std::span<const float> mu) {
    random.normals(drawn_);
    for (std::size_t i = 0; i < drawn_.size(); ++i) {
      drawn_[i] = mu[i] + std::sqrt(variances_[i]) * drawn_[i];
    }
  }

  void move(std::span<float> mu, double rate, double prior) {
    const double bias = 1 - std::pow(beta1_, static_cast<double>(steps_));
    const auto beta1 = static_cast<float>(beta1_);
    const auto beta2 = static_cast<float>(beta2_);
    const auto rest1 = static_cast<float>(1 - beta1_);
    const auto rest2 = static_cast<float>(1 - beta2_);
    const auto p0 = static_cast<float>(prior);
    const auto floor = static_cast<float>(prior + damping_);
    const auto length = static_cast<float>(rate / bias);
    for (std::size_t i = 0; i < mu.size(); ++i) {
      const float g = gradient_[i] + p0 * drawn_[i];
      mean_[i] = gapbench::normal_or_zero(beta1 * mean_[i] + rest1 * g);
      square_[i] = gapbench::normal_or_zero(beta2 * square_[i] + rest2 * term_[i]);
      mu[i] -= length * mean_[i] / (square_[i] + floor);
    }
  }

  void weigh(double examples, double prior) {
    const double scale = kl_weight_ / examples;
    for (std::size_t i = 0; i < variances_.size(); ++i) {
      variances_[i] = static_cast<float>(scale / (square_[i] + prior));
    }
  }

  double learning_rate_;
  double prior_variance_;
  double beta1_;
  double beta2_;
  double damping_;
  double kl_weight_;
  double start_deviation_;
  bool by_examples_;
  std::vector<float> center_;  // mu
  std::vector<float> mean_;    // m
  std::vector<float> square_;  // f
  std::vector<float> variances_;
  std::vector<float> drawn_;  // w
  std::vector<float> gradient_;
  std::vector<float> term_;  // s(w)
  std::uint64_t steps_ = 0;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<NoisyAdam>(
    {.name = "noisy_adam",
     .summary = "natural-gradient variational inference in Adam's form; Zhang et al. 2018",
     .example = "learning_rate=0.01 prior_variance=1",
     .revision = 2},
    options));
