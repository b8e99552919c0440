// SGD with a constant step as a sampler: the noise of the mini-batches alone spreads the iterates, and
// the step is chosen so that they spread as the posterior does, as nearly as one step can.
//
//   w <- w - r G(w),   G(w) = g(w) + w / (N prior_variance)
//   burn-in:          r = learning_rate f(k), and C, the covariance of the gradients of single examples,
//                     is averaged over its mini-batches:  C <- beta C + (1 - beta) C_batch
//   from then on:     r = min(learning_rate, r*) f(k)
//     precondition: none       r* = 2 B D / (N tr C)         one step for all D parameters
//     precondition: diagonal   r*_i = 2 B / (N C_ii)         one a parameter
//
// g is the gradient of the objective on a mini-batch of B, N the number of training examples, f(k) the
// schedule's factor (constant, for this to make sense); what the objective must be: see sgld. r* makes
// the divergence from the iterates' Gaussian to the posterior least where the loss is quadratic, its
// curvature and C do not change, and r* times the curvature is small. For the parameters of a network
// that the data say little of, r* is beyond all stable steps: learning_rate is the bound, and what is
// drawn then is narrower than the posterior. Reported: rate (mean over parameters), optimal_rate (r*, of
// `none`), at_bound (share of parameters whose step is learning_rate). On a quadratic of curvature a
// with noise of variance c an example, drawn independently, the variance is r c / (B a (2 - r a)); here
// a mini-batch has no example twice in an epoch, and noise that sums to 0 over one spreads less.
//
// Source: Mandt, Hoffman, Blei 2017, "Stochastic gradient descent as approximate Bayesian inference",
// section 3.2 (theorems 1 and 2).
// State: the chain; the trace of C or its diagonal, one float a parameter. Cost per step: 1 gradient; in
// the burn-in 1 forward and 3 backward more. With batch normalization there is no C: an error.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gapbench/chain.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    std::array{
        option::real("learning_rate", "step length in the burn-in, and the longest one after it")
            .above(0),
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
        option::choice("precondition", "none|diagonal", "one optimal step, or one a parameter")
            .by_default("none"),
        option::real("beta", "decay of the average of C, a step")
            .at_least(0)
            .below(1)
            .by_default(0.99),
    },
    gapbench::Chain::options);

/// The chain, and the steps it was made with.
class Draws final : public gapbench::Posterior {
 public:
  Draws(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : chain(o, tensors) {}
  void draw(std::size_t k, gapbench::Random random, std::span<float> w) const override {
    chain.draw(k, random, w);
  }
  std::size_t size() const noexcept override { return chain.size(); }
  bool is_ready() const noexcept override { return chain.is_ready(); }
  std::uint64_t ready_after() const noexcept override { return chain.ready_after(); }
  void report(gapbench::Metrics& metrics) const override {
    chain.report(metrics);
    metrics.add("rate", rate, "");
    metrics.add("at_bound", at_bound, "");
    if (std::isfinite(optimal_rate)) metrics.add("optimal_rate", optimal_rate, "");
  }

  gapbench::Chain chain;
  double rate = 0;
  double at_bound = 1;
  double optimal_rate = HUGE_VAL;
};

class ConstantSgd final : public gapbench::Optimizer {
 public:
  ConstantSgd(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")),
        prior_variance_(o.real("prior_variance")),
        diagonal_(o.choice("precondition") == "diagonal"),
        beta_(o.real("beta")),
        burn_in_(o.count("burn_in")),
        draws_(o, tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    gradient_.resize(dimension);
    rates_.assign(dimension, static_cast<float>(learning_rate_));
    covariance_.resize(diagonal_ ? dimension : 1);
  }

  void step(gapbench::Step& step) override {
    if (step.index() < burn_in_) learn(step);
    choose(step);
    step.gradient(gradient_);
    const auto factor = static_cast<float>(step.schedule());
    const auto prior =
        static_cast<float>(1 / (static_cast<double>(step.training_examples()) * prior_variance_));
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      w[i] -= factor * rates_[i] * (gradient_[i] + prior * w[i]);
    }
    draws_.chain.offer(w);
  }

  void archive(gapbench::State& state) override {
    state.field("learned", learned_);
    state.field("covariance", covariance_);
    state.field("rate", draws_.rate);
    state.field("at_bound", draws_.at_bound);
    state.field("optimal_rate", draws_.optimal_rate);
    draws_.chain.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return &draws_; }

 private:
  /// C of this mini-batch, without bias: B / (B - 1) (mean of squares - square of the mean).
  void learn(gapbench::Step& step) {
    const std::size_t batch = step.batch_size();
    if (batch < 2) {
      throw gapbench::Error("constant_sgd",
                            "needs mini-batches of at least 2 examples, got 1: one "
                            "has no covariance");
    }
    const std::size_t d = gradient_.size();
    moments_.resize(2 * d);
    step.mean_over(
        [d](gapbench::MicroBatch& m, std::size_t, std::span<float> term) {
          m.example_gradient_squares(m.loss(), term.first(d));
          m.gradient(m.loss(), term.last(d));
        },
        moments_);
    const double unbiased = static_cast<double>(batch) / static_cast<double>(batch - 1);
    double trace = 0;
    for (std::size_t i = 0; i < d; ++i) {
      const double mean = moments_[d + i];
      const double c = std::max(0.0, unbiased * (moments_[i] - mean * mean));
      trace += c;
      if (diagonal_) average(covariance_[i], c);
    }
    if (!diagonal_) average(covariance_[0], trace);
    ++learned_;
  }

  void average(float& mean, double term) const {
    mean = gapbench::normal_or_zero(static_cast<float>(beta_ * mean + (1 - beta_) * term));
  }

  /// The steps from here on; within burn-in, and without one, learning_rate.
  void choose(const gapbench::Step& step) {
    const std::uint64_t index = step.index();
    if (index < burn_in_ || learned_ == 0) {
      draws_.rate = learning_rate_;
      return;
    }
    // After a restart the steps follow again from C.
    const double bias = 1 - std::pow(beta_, static_cast<double>(learned_));
    const auto d = static_cast<double>(rates_.size());
    const double most = 2 * static_cast<double>(step.batch_size()) /
                        static_cast<double>(step.training_examples()) * bias;
    double sum = 0;
    double bound = 0;
    for (std::size_t i = 0; i < rates_.size(); ++i) {
      const double optimal = diagonal_ ? most / covariance_[i] : most * d / covariance_[0];
      if (!diagonal_) draws_.optimal_rate = optimal;
      const double rate = std::min(learning_rate_, optimal);
      bound += rate < learning_rate_ ? 0 : 1;
      sum += rate;
      rates_[i] = static_cast<float>(rate);
    }
    draws_.rate = sum / d;
    draws_.at_bound = bound / d;
  }

  double learning_rate_;
  double prior_variance_;
  bool diagonal_;
  double beta_;
  std::uint64_t burn_in_;
  Draws draws_;
  std::vector<float> gradient_;
  std::vector<float> moments_;     // squares of examples' gradients, then the gradient
  std::vector<float> covariance_;  // of gradients of single examples: its diagonal, or its trace
  std::vector<float> rates_;
  std::uint64_t learned_ = 0;  // mini-batches that C is of
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<ConstantSgd>(
    {.name = "constant_sgd",
     .summary = "SGD as a sampler, its constant step the best; Mandt, Hoffman, Blei 2017",
     .example = "learning_rate=0.05 prior_variance=1 burn_in=5",
     .revision = 2},
    options));
