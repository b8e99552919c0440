// Trace of the Hessian of the training loss.
//
//   tr H = E v' H v,   v_i = +1 or -1 with equal chance,   over `samples` draws of v
//
// H is the mean over the micro-batches of a fixed sample of the exact Hessian of the loss, in
// training mode. trace_error is the standard error over the draws of v: that of the estimator, not
// of the choice of examples. Its variance is 2 sum_{i != j} H_ij^2 / samples.
//
// Source: Hutchinson 1990, "A stochastic estimator of the trace of the influence matrix".
// State: none. Cost: micro_batch * count samples of 1 forward + 1 backward, and of `samples` times
// both tangents.

#include <array>
#include <vector>

#include <gapbench/hutchinson.h>
#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{option::integer("samples", "random sign vectors").at_least(2).by_default(32)});

class HessianTrace final : public gapbench::Probe {
 public:
  explicit HessianTrace(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)), samples_(o.count("samples")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const gapbench::Random random = snapshot.random("signs");
    std::vector<double> forms(sample_.count * samples_);  // [count, samples]
    snapshot.for_each_micro_batch(sample_, [&](gapbench::MicroBatch& m, std::size_t k) {
      const auto v = m.scratch(0);
      const auto hv = m.scratch(1);
      for (std::size_t s = 0; s < samples_; ++s) {
        gapbench::draw_signs(random.at("draw", s), v);
        m.hessian_vector(m.loss(), v, hv);  // forward and backward are shared by all s
        forms[k * samples_ + s] = gapbench::dot(v, hv);
      }
    });
    std::vector<double> traces(samples_);
    for (std::size_t i = 0; i < forms.size(); ++i) {
      traces[i % samples_] += forms[i] / static_cast<double>(sample_.count);
    }
    const gapbench::MeanError mean = gapbench::mean_with_error(traces);
    metrics.add("trace", mean.value, "");
    metrics.add("trace_error", mean.error, "");
  }

 private:
  gapbench::Sample sample_;
  std::size_t samples_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<HessianTrace>(
    {.name = "hessian_trace",
     .summary = "trace of the Hessian with standard error; Hutchinson 1990",
     .example = "micro_batch=8 count=2 samples=8",
     .revision = 2},
    options));
