// What SGD of a small batch B and rate alpha regularizes implicitly, made explicit on a large
// mini-batch of n examples.
//
//   form: expected     R = alpha/4 [ |g|^2 + kappa/B tr C ],   kappa = (n - B) / (n - 1)
//                      g = (1/n) sum_i g_i,   tr C = (1/n) sum_i |g_i - g|^2
//   form: mini_batch   R = alpha/4 sum_k (n_k/n) |g_k|^2  over the mini-batch cut into batches of B
//
// g_i is the loss gradient of example i, g_k that of batch k. "expected" is the mean of
// "mini_batch" over all ways to cut, exactly. Where the mini-batch is the whole training set, n =
// N, it is the formula of the paper; a mini-batch drawn from it gives an unbiased estimate of that
// formula, since a random B out of a random n is a random B out of N. Since tr C = (1/n) sum
// |g_i|^2 - |g|^2,
//
//   R = alpha/4 [ (1 - kappa/B) |g|^2 + kappa/B (1/n) sum_i |g_i|^2 ],   no difference of large
//   terms
//
// alpha is the rate of the small-batch run; `schedule: learning_rate` lets it follow the schedule.
// A mini-batch smaller than B (the last of an epoch) is taken as one batch.
//
// Source: Smith, Dherin, Barrett, De 2021, "On the origin of implicit regularization in stochastic
// gradient descent", the expected and the mini-batch form of their modified loss.
// State: none. Cost beside the loss gradient, a sample: "mini_batch" with B up to the trial's
// micro-batch 1 forward + 1 backward + both tangents; "expected" 3 forward + 3 backward + twice
// both tangents, a third of it in passes of single examples. Under batch normalization a single
// example is a part of its normalized group and pays for all of it.

#include <algorithm>

#include <gapbench/gradient_penalty.h>
#include <gapbench/plugin.h>

namespace {

using gapbench::OptionSpec;
namespace option = gapbench::option;

constexpr OptionSpec options[] = {
    option::real("alpha", "learning rate of the small-batch run").at_least(0),
    option::integer("batch", "batch size of the small-batch run").at_least(1).in_unit("examples"),
    option::choice("form", "expected|mini_batch",
                   "mean over all ways to cut the mini-batch, or as it is cut")
        .by_default("expected"),
    option::choice("schedule", "constant|learning_rate",
                   "alpha stays, or follows the schedule of the learning rate")
        .by_default("constant"),
};

class ImplicitSgd final : public gapbench::Regularizer {
 public:
  explicit ImplicitSgd(const gapbench::Options& o)
      : alpha_(o.real("alpha")),
        batch_(o.count("batch")),
        expected_(o.choice("form") == "expected"),
        scheduled_(o.choice("schedule") == "learning_rate") {}

  double penalize_mini_batch(gapbench::MiniBatch& mini_batch,
                             std::span<float> gradient) const override {
    const std::size_t n = mini_batch.size();
    const std::size_t batch = std::min(batch_, n);
    const double c = alpha_ / 4 * (scheduled_ ? mini_batch.schedule() : 1);
    if (!expected_ || batch == n) return mean(mini_batch, batch, c, gradient);
    const double spread = static_cast<double>(n - batch) / static_cast<double>(n - 1) /
                          static_cast<double>(batch);  // kappa / B; 1 at B = 1
    double sum = mean(mini_batch, 1, c * spread, gradient);
    if (batch > 1) sum += mean(mini_batch, n, c * (1 - spread), gradient);
    return sum;
  }

 private:
  // c sum_k (n_k/n) |g_k|^2 over micro-batches of `size`.
  static double mean(gapbench::MiniBatch& mini_batch, std::size_t size, double c,
                     std::span<float> gradient) {
    return mini_batch.mean_over(
        size,
        [c](gapbench::MicroBatch& m, std::span<float> g) {
          return gapbench::add_gradient_penalty(m, m.loss(), c, g);
        },
        gradient);
  }

  double alpha_;
  std::size_t batch_;
  bool expected_;
  bool scheduled_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<ImplicitSgd>(
    {.name = "implicit_sgd",
     .summary = "the implicit regularizer of small-batch SGD, explicit; Smith et al. 2021",
     .example = "alpha=0.1 batch=4"},
    options));
