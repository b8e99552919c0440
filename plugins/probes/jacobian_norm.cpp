// Gradient norms of the outputs themselves, as the Jacobian penalties see them.
//
//   average_squared_norm = mean over micro-batches of |gradient of sum_c (1/n) sum_i z_ic|^2
//   unit_squared_norm    = the same of u . (1/n) sum_i z_i,   u = N(0, I) scaled to length 1,
//                          one u a micro-batch
//
// on a fixed sample. The mean over the micro-batch is taken before the derivative: compare only
// equal sizes. *_error is the standard error over micro-batches.
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD" (AJ and UJ).
// State: none. Cost: 1 forward + 2 backward a sample.

#include <cmath>
#include <string>
#include <vector>

#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::sample({.least = 2});

double squared_norm(gapbench::MicroBatch& m, const std::vector<float>& direction) {
  const auto g = m.scratch(0);
  m.gradient(gapbench::Projection(direction), g);
  return gapbench::dot(g, g);
}

class JacobianNorm final : public gapbench::Probe {
 public:
  explicit JacobianNorm(const gapbench::Options& o) : sample_(gapbench::sample_of(o)) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<double> average(sample_.count);
    std::vector<double> unit(sample_.count);
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& m, std::size_t k) {
      std::vector<float> u(m.outputs().width, 1.0F);
      average[k] = squared_norm(m, u);
      m.random("direction").normal(u);
      unit[k] = squared_norm(m, u) / gapbench::dot(u, u);
    });
    report(metrics, "average", average);
    report(metrics, "unit", unit);
  }

 private:
  static void report(gapbench::Metrics& metrics, const std::string& name,
                     const std::vector<double>& values) {
    const gapbench::MeanError mean = gapbench::mean_with_error(values);
    metrics.add(name + "_squared_norm", mean.value, "");
    metrics.add(name + "_squared_norm_error", mean.error, "");
  }

  gapbench::Sample sample_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<JacobianNorm>(
    {.name = "jacobian_norm",
     .summary = "gradient norm of summed and of unit-direction outputs; Novack et al. 2023",
     .example = "micro_batch=8 count=4",
     .revision = 2},
    options));
