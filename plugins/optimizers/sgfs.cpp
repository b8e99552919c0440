// Stochastic gradient Fisher scoring with a diagonal Fisher matrix (SGFS-d): steps and noise in the scale
// of the posterior's own precision, so that also large steps sample it.
//
//   I <- (1 - 1/t) I + V / t,   V = covariance of the gradients of the mini-batch's single examples, diagonal
//   F = ((B + N) / B) N I + 1 / prior_variance
//   w <- w + f(k) (2 / (1 + alpha^2)) F^-1 ( -N g(w) - w / prior_variance + alpha sqrt(F) e ),  e ~ N(0, 1)
//
// g is the gradient of the objective on a mini-batch of B, N the number of training examples, f(k) the
// schedule's factor (1, for what follows); what the objective must be: see sgld. The larger alpha, the
// smaller the steps and the more of the noise is put in; at 0 all of it is that of the mini-batches. Where
// the posterior is Gaussian, of precision N I + 1 / prior_variance, and mini-batches are drawn
// independently, the stationary variance is exactly 1 over that precision at every alpha: mini-batches
// and alpha^2 F e together have N^2 I / B + alpha^2 F. Off the diagonal, and far from such a posterior, a
// network's curvature is another: there a step of alpha = 1 is far too long, and alpha of 10 and more is
// wanted. In the source F is ((B + N) / B) N I; with the prior's part a parameter that the data say
// nothing of is drawn from its prior.
//
// Source: Ahn, Korattikara, Welling 2012, "Bayesian posterior sampling via stochastic gradient Fisher
// scoring", algorithm 1, with 4 B / epsilon = alpha^2 F.
// State: I, one float a parameter, t, and the chain. Cost per step: 1 gradient, and 1 forward and 3
// backward more. With batch normalization there are no gradients of single examples: an error.

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
        option::real("alpha", "root of the share of injected noise; large: short steps")
            .at_least(0),
        option::real("prior_variance", "of the Gaussian prior of each parameter, centered at 0")
            .above(0),
    },
    gapbench::Chain::options);

class Sgfs final : public gapbench::Optimizer {
 public:
  Sgfs(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : alpha_(o.real("alpha")), prior_variance_(o.real("prior_variance")), chain_(o, tensors) {
    std::size_t dimension = 0;
    for (const auto& tensor : tensors) dimension += tensor.size;
    for (auto* buffer : {&gradient_, &noise_, &information_}) buffer->resize(dimension);
    moments_.resize(2 * dimension);
  }

  void step(gapbench::Step& step) override {
    learn(step);
    step.gradient(gradient_);
    step.random("sgfs").normals(noise_);
    const auto n = static_cast<double>(step.training_examples());
    const auto b = static_cast<double>(step.batch_size());
    const double length = 2 / (1 + alpha_ * alpha_) * step.schedule();
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double f = (b + n) / b * n * information_[i] + 1 / prior_variance_;
      const double pull = -n * gradient_[i] - w[i] / prior_variance_;
      w[i] += static_cast<float>(length * (pull + alpha_ * std::sqrt(f) * noise_[i]) / f);
    }
    chain_.offer(w);
  }

  void archive(gapbench::State& state) override {
    state.field("information", information_);
    state.field("steps", steps_);
    chain_.archive(state);
  }

  gapbench::Posterior* posterior() noexcept override { return &chain_; }

 private:
  /// V without bias: B / (B - 1) (mean of squares - square of the mean).
  void learn(gapbench::Step& step) {
    const std::size_t batch = step.batch_size();
    if (batch < 2) {
      throw gapbench::Error("sgfs",
                            "needs mini-batches of at least 2 examples, got 1: one has no "
                            "covariance");
    }
    const std::size_t d = gradient_.size();
    step.mean_over(
        [d](gapbench::MicroBatch& m, std::size_t, std::span<float> term) {
          m.example_gradient_squares(m.loss(), term.first(d));
          m.gradient(m.loss(), term.last(d));
        },
        moments_);
    const double unbiased = static_cast<double>(batch) / static_cast<double>(batch - 1);
    const double share = 1 / static_cast<double>(++steps_);
    for (std::size_t i = 0; i < d; ++i) {
      const double mean = moments_[d + i];
      const double v = std::max(0.0, unbiased * (moments_[i] - mean * mean));
      information_[i] =
          gapbench::normal_or_zero(static_cast<float>((1 - share) * information_[i] + share * v));
    }
  }

  double alpha_;
  double prior_variance_;
  gapbench::Chain chain_;
  std::vector<float> gradient_;
  std::vector<float> noise_;
  std::vector<float> moments_;      // squares of examples' gradients, then the gradient
  std::vector<float> information_;  // I
  std::uint64_t steps_ = 0;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<Sgfs>(
    {.name = "sgfs",
     .summary = "stochastic gradient Fisher scoring, diagonal; Ahn, Korattikara, Welling 2012",
     .example = "alpha=10 prior_variance=1 burn_in=0",
     .revision = 2},
    options));
