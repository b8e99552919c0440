// Trace of the covariance of single-example gradients: the size of the gradient noise.
//
//   tr C = E |g_i - g|^2,   estimated without bias on a fixed sample of N = micro_batch * count
//
//   estimate: micro_batch   n/(count - 1) sum_k |g_k - g|^2, g_k the gradient of micro-batch k of
//   n,
//                           since Cov(g_k) = C/n. The only one that batch normalization allows;
//                           there it is the noise that training sees at micro-batches of n
//   estimate: per_example   N/(N - 1) ((1/N) sum_i |g_i|^2 - |g|^2): less noise, examples must not
//                           be coupled. Its rounding is 1e-7 |g|^2
//
// g is the mean gradient over the sample, |g|^2 is reported beside. The noise of a mini-batch of B
// out of N has trace (N - B)/(N - 1) tr C / B (Smith et al. 2021).
//
// Source: Smith, Dherin, Barrett, De 2021, "On the origin of implicit regularization in stochastic
// gradient descent".
// State: none. Cost: 2 forward + 2 backward a sample.

#include <array>
#include <vector>

#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.least = 2}), std::array{option::choice("estimate", "micro_batch|per_example",
                                                            "from micro-batch or example gradients")
                                                 .by_default("micro_batch")});

double sum_of(const std::vector<double>& x) {
  double sum = 0;
  for (const double xk : x) sum += xk;
  return sum;
}

class GradientCovarianceTrace final : public gapbench::Probe {
 public:
  explicit GradientCovarianceTrace(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)), per_example_(o.choice("estimate") == "per_example") {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<float> mean(snapshot.parameters().values.size());
    snapshot.mean_over(
        sample_,
        [](gapbench::MicroBatch& m, std::size_t, std::span<float> g) { m.gradient(m.loss(), g); },
        mean);
    const double squared = gapbench::dot(mean, mean);
    std::vector<double> sums(sample_.count);
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& m, std::size_t k) {
      sums[k] = per_example_ ? sum_of_norms(m) : squared_distance(m, mean);
    });
    const auto count = static_cast<double>(sample_.count);
    const double size = static_cast<double>(sample_.size);
    const double examples = size * count;
    const double trace = per_example_ ? (sum_of(sums) - examples * squared) / (examples - 1)
                                      : size * sum_of(sums) / (count - 1);
    metrics.add("trace", trace, "");
    metrics.add("mean_gradient_squared_norm", squared, "");
  }

 private:
  static double sum_of_norms(gapbench::MicroBatch& m) {
    std::vector<double> norms(m.size());
    m.example_gradient_norms(m.loss(), norms);
    return sum_of(norms);
  }
  static double squared_distance(gapbench::MicroBatch& m, std::span<const float> mean) {
    const auto g = m.scratch(0);
    m.gradient(m.loss(), g);
    gapbench::add_scaled(-1, mean, g);
    return gapbench::dot(g, g);
  }

  gapbench::Sample sample_;
  bool per_example_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<GradientCovarianceTrace>(
    {.name = "gradient_covariance_trace",
     .summary = "trace of the covariance of example gradients; Smith et al. 2021",
     .example = "micro_batch=8 count=4",
     .revision = 2},
    options));
