// Trace of the Fisher information of the model's own predictions.
//
//   tr F = (1/N) sum_i E |s_i|^2,   s_i = gradient of -log p(y | x_i),   y ~ softmax(z_i)
//
// on a fixed sample of N = micro_batch * count training examples, one sampled label each.
//
//   estimate: micro_batch   n |(1/n) sum_i s_i|^2 on each micro-batch of n: scores have mean zero
//                           and are independent, so the cross terms vanish in expectation. The only
//                           one that batch normalization allows: there it is the trace of the
//                           Gauss-Newton matrix, coupling included
//   estimate: per_example   (1/n) sum_i |s_i|^2: less noise, examples must not be coupled
//
// trace_error is the standard error over micro-batches.
//
// Source: Amari 1998; Jastrzebski et al. 2021, "Catastrophic Fisher explosion".
// State: none. Cost: 1 forward + 1 backward a sample.

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

class FisherTrace final : public gapbench::Probe {
 public:
  explicit FisherTrace(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)), per_example_(o.choice("estimate") == "per_example") {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<double> traces(sample_.count);
    snapshot.for_each_micro_batch(
        sample_, [&](gapbench::MicroBatch& m, std::size_t k) { traces[k] = trace(m); });
    const gapbench::MeanError mean = gapbench::mean_with_error(traces);
    metrics.add("trace", mean.value, "");
    metrics.add("trace_error", mean.error, "");
  }

 private:
  double trace(gapbench::MicroBatch& m) const {
    const gapbench::CrossEntropy head(m.sampled_labels("fisher"));
    if (per_example_) {
      std::vector<double> norms(m.size());
      m.example_gradient_norms(head, norms);
      return gapbench::mean_with_error(norms).value;
    }
    const auto g = m.scratch(0);
    m.gradient(head, g);
    return static_cast<double>(m.size()) * gapbench::dot(g, g);
  }

  gapbench::Sample sample_;
  bool per_example_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<FisherTrace>(
    {.name = "fisher_trace",
     .summary = "trace of the Fisher information, sampled labels; Jastrzebski et al. 2021",
     .example = "micro_batch=8 count=4",
     .revision = 2},
    options));
