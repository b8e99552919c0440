// Noisy K-FAC: natural-gradient variational inference, where K-FAC's Fisher information is the precision
// that the weights of a layer are drawn with, together.
//
//   p0 = kl_weight / (N prior_variance),   w ~ N(mu, (kl_weight / N) (F + p0 I)^-1)
//   F = A (x) G + s I by layers, measured at w;   s = s_0 factor_decay^t after t measurements
//   d = (F + (p0 + damping) I)^-1 (g(w) + p0 w);  d = g(w) + p0 w for parameters of no such layer
//   v <- momentum v + nu d,   nu = min(1, sqrt(kl_clip / (rate^2 (g + p0 w) . d)))
//   mu <- mu - rate v,   rate = learning_rate f(k)
//
// g is the gradient of the objective on the mini-batch, N the number of training examples, f(k) the
// schedule's factor. s_0 is such that the first draw has start_deviation (0 if that is above the prior's).
// A, G and the options of how they are measured: gapbench/kronecker_fisher.h; A is a sum over a
// convolution's positions, so nothing is divided by their number, as the authors' code does, whose
// A is a mean. The source damps factor by factor; here exactly, so that on a linear model with Gaussian
// noise q is the posterior, N F + I / prior_variance its precision, once mu rests. Parameters of no such
// layer are not drawn, and there is no divergence then. A regularizer beside prior_variance is a second
// prior. The point that is trained and evaluated is mu; `objective` in the record is that at w. Reported:
// `deviation`, the root of the mean variance of what is drawn, and `parameters_left_out`.
//
// Source: Zhang, Sun, Duvenaud, Grosse 2018, "Noisy natural gradient as variational inference". State: mu
// and v, 2 floats a parameter, and the factors with their eigenvectors. Cost per step: 1 gradient, 4 n m (n
// + m) multiply-adds for an n x m layer, and what measurements and bases cost when they are due.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <gapbench/kronecker_fisher.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{
        option::real("learning_rate", "step length at schedule factor 1").above(0),
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
        option::real("momentum", "of the steps before").at_least(0).below(1).by_default(0.9),
        option::real("damping", "added to the precision that divides the step")
            .at_least(0)
            .by_default(1e-3),
        option::real("kl_clip", "largest squared length of a step in the model's metric; 0: any")
            .at_least(0)
            .by_default(1e-3),
        option::real("kl_weight", "of the divergence in the evidence bound")
            .above(0)
            .by_default(1.0),
        option::real("start_deviation", "of the weights at the start").above(0).by_default(0.05),
    },
    gapbench::KroneckerFisher::options);

class NoisyKfac final : public gapbench::Optimizer, public gapbench::Posterior {
 public:
  NoisyKfac(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        momentum_(o.real("momentum")),
        damping_(o.real("damping")),
        kl_clip_(o.real("kl_clip")),
        kl_weight_(o.real("kl_weight")),
        start_deviation_(o.real("start_deviation")),
        decay_(o.real("factor_decay")),
        fisher_(o, tensors, "weighs the loss against a prior") {
    const std::size_t dimension = tensors.back().offset + tensors.back().size;
    for (auto* buffer : {&center_, &velocity_, &drawn_, &gradient_, &natural_}) {
      buffer->resize(dimension);
    }
  }

  void step(gapbench::Step& step) override {
    const std::span<float> mu = step.parameters();
    scale_ = kl_weight_ / static_cast<double>(step.training_examples());
    std::ranges::copy(mu, drawn_.begin());
    fisher_.add_draw(scale_, precision(), step.random("noisy_kfac"), drawn_);
    fisher_.learn(step, {.parameters = drawn_});
    step.gradient_at(drawn_, gradient_);
    const double p0 = scale_ / prior_variance_;
    for (std::size_t i = 0; i < mu.size(); ++i) gradient_[i] += static_cast<float>(p0) * drawn_[i];
    natural_ = gradient_;
    fisher_.precondition(precision() + damping_, natural_);
    move(mu, learning_rate_ * step.schedule());
    std::ranges::copy(mu, center_.begin());
  }

  void archive(gapbench::State& state) override {
    state.field("center", center_);
    state.field("velocity", velocity_);
    state.field("scale", scale_);
    fisher_.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return this; }

  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    std::ranges::copy(center_, w.begin());
    fisher_.add_draw(scale_, precision(), random.at("draw", k), w);
  }
  bool is_ready() const noexcept override { return scale_ > 0; }
  std::uint64_t ready_after() const noexcept override { return 1; }
  std::span<const float> center() const noexcept override { return center_; }
  std::optional<gapbench::Divergence> divergence() const override {
    if (!is_ready() || fisher_.parameters() < center_.size()) return std::nullopt;
    double nats = 0;
    for (const float x : center_) nats += double{x} * x / prior_variance_ / 2;
    for_each_variance([&](double variance) {
      const double ratio = variance / prior_variance_;
      nats += (ratio - 1 - std::log(ratio)) / 2;
    });
    return gapbench::Divergence{std::max(0.0, nats), 0};
  }
  void report(gapbench::Metrics& metrics) const override {
    double sum = 0;
    for_each_variance([&](double variance) { sum += variance; });
    const auto drawn = static_cast<double>(fisher_.parameters());
    metrics.add("deviation", std::sqrt(sum / drawn), "");
    metrics.add("parameters_left_out", static_cast<double>(center_.size()) - drawn, "");
  }

 private:
  /// p0 + s
  double precision() const {
    const double p0 = scale_ / prior_variance_;
    const double start = std::max(0.0, scale_ / (start_deviation_ * start_deviation_) - p0);
    return p0 + start * std::pow(decay_, static_cast<double>(fisher_.measurements()));
  }

  /// In the blocks' bases.
  template <class F>
  void for_each_variance(F f) const {
    for (const auto& block : fisher_.blocks()) {
      for (const double x : block.eigenvalues) f(scale_ / (x + precision()));
    }
  }

  void move(std::span<float> mu, double rate) {
    const auto nu =
        static_cast<float>(gapbench::divergence_clip(kl_clip_, rate, gradient_, natural_));
    const auto momentum = static_cast<float>(momentum_);
    const auto length = static_cast<float>(rate);
    for (std::size_t i = 0; i < mu.size(); ++i) {
      velocity_[i] = gapbench::normal_or_zero(momentum * velocity_[i] + nu * natural_[i]);
      mu[i] -= length * velocity_[i];
    }
  }

  double learning_rate_;
  double prior_variance_;
  double momentum_;
  double damping_;
  double kl_clip_;
  double kl_weight_;
  double start_deviation_;
  double decay_;
  gapbench::KroneckerFisher fisher_;
  std::vector<float> center_;    // mu
  std::vector<float> velocity_;  // v
  std::vector<float> drawn_;     // w
  std::vector<float> gradient_;  // g + p0 w
  std::vector<float> natural_;   // d
  double scale_ = 0;             // kl_weight / N
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<NoisyKfac>(
    {.name = "noisy_kfac",
     .summary = "natural-gradient variational inference, Kronecker-factored; Zhang et al. 2018",
     .example = "learning_rate=0.01 prior_variance=1"},
    options));
