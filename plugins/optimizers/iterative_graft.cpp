// Iterative grafting: the direction of the large batch, the step length of small ones.
//
//   n = sum_k b_k |g_k| / B             length_from: mean
//   n = |g_j|, j drawn anew each step   length_from: one
//   w <- w - learning_rate f(k) n g / |g|
//
// g is the gradient of the objective on the mini-batch, g_k that of the loss alone on micro-batch
// k of b_k of its B examples, both at the current w; norms are Euclidean over all parameters
// together. The suite's `micro_batch` says how small the small batches are. Where g = 0 it stays.
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD", grafting experiments: global norms, their mean over micro-batches
// ("denoise") or one of them; the last line of the update is not in the public code and is taken
// from its description.
// State: none. Cost per step: 2 gradients with mean, 1 and a micro-batch's with one.

#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("learning_rate", "factor of the length at schedule factor 1").above(0),
    option::choice("length_from", "mean|one", "all micro-batches, or one drawn anew each step")
        .by_default("mean"),
};

double norm(std::span<const float> g) {
  double squares = 0;
  for (const float x : g) squares += double{x} * double{x};
  return std::sqrt(squares);
}

class IterativeGraft final : public gapbench::Optimizer {
 public:
  IterativeGraft(const gapbench::Options& o, std::span<const gapbench::TensorInfo> tensors)
      : learning_rate_(o.real("learning_rate")), mean_(o.choice("length_from") == "mean") {
    for (const auto& tensor : tensors) gradient_.resize(gradient_.size() + tensor.size);
  }

  void step(gapbench::Step& step) override {
    step.gradient(gradient_);
    const double whole = norm(gradient_);
    const double length = learning_rate_ * step.schedule() * small_norm(step);
    if (whole == 0) return;
    const auto rate = static_cast<float>(length / whole);
    const std::span<float> w = step.parameters();
    for (std::size_t i = 0; i < w.size(); ++i) w[i] -= rate * gradient_[i];
  }

  void archive(gapbench::State&) override {}

 private:
  double small_norm(gapbench::Step& step) {
    const std::size_t count = step.micro_batches();
    const std::size_t chosen = mean_ ? count : step.random("graft").below(count);
    shares_.assign(count, 0);
    step.for_each_micro_batch([&](gapbench::MicroBatch& m, std::size_t k) {
      if (!mean_ && k != chosen) return;
      const std::span<float> g = m.scratch(0);
      m.gradient(m.loss(), g);
      shares_[k] = norm(g) * (mean_ ? static_cast<double>(m.size()) : 1.0);
    });
    double sum = 0;
    for (const double share : shares_) sum += share;
    return mean_ ? sum / static_cast<double>(step.batch_size()) : sum;
  }

  double learning_rate_;
  bool mean_;
  std::vector<float> gradient_;
  std::vector<double> shares_;  // of each micro-batch in the length
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::optimizer<IterativeGraft>(
    {.name = "iterative_graft",
     .summary = "large-batch direction, micro-batch gradient length; Novack et al. 2023",
     .example = "learning_rate=0.05"},
    options));
