// Norm of micro-batch gradients at the current weights.
//
//   g_k = gradient of the problem's loss on micro-batch k, k = 1 .. count, disjoint and drawn
//   afresh mean_squared_norm = (1/count) sum_k |g_k|^2        mean_norm = (1/count) sum_k |g_k|
//
// |g| is the Euclidean norm over all parameters; penalties are not included. The mean squared norm
// on micro-batches of 128 is what Novack et al. log as avg_sgd_norm. It depends on the size of the
// micro-batch: compare only equal sizes. *_error is the standard error of the mean,
// sqrt(sum_k (x_k - mean)^2 / (count (count - 1))).
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD".
// State: none. Cost: micro_batch * count gradient samples.

#include <array>
#include <cmath>
#include <vector>

#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.least = 2}),
    std::array{option::flag("augmented", "see the examples as training sees them").by_default(0)});

class GradientNorm final : public gapbench::Probe {
 public:
  explicit GradientNorm(const gapbench::Options& o) : sample_(gapbench::sample_of(o)) {
    sample_.augmented = o.flag("augmented");
    sample_.fixed = false;
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<double> squared(sample_.count);
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& micro_batch, std::size_t k) {
      std::vector<float> gradient(micro_batch.dimension());
      micro_batch.gradient(micro_batch.loss(), gradient);
      squared[k] = gapbench::dot(gradient, gradient);
    });
    std::vector<double> norms;
    for (const double s : squared) norms.push_back(std::sqrt(s));
    const gapbench::MeanError square = gapbench::mean_with_error(squared);
    const gapbench::MeanError norm = gapbench::mean_with_error(norms);
    metrics.add("mean_squared_norm", square.value, "");
    metrics.add("mean_squared_norm_error", square.error, "");
    metrics.add("mean_norm", norm.value, "");
    metrics.add("mean_norm_error", norm.error, "");
  }

 private:
  gapbench::Sample sample_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<GradientNorm>(
    {.name = "gradient_norm",
     .summary = "norm of fresh micro-batch gradients; Novack et al. 2023",
     .example = "micro_batch=8 count=4"},
    options));
