// Trace of the Hessian of the training loss.
//
//   tr H = E v' H v,   v_i = +1 or -1 with equal chance,   over `samples` draws of v
//
// H is the mean over the micro-batches of a fixed sample of the exact Hessian of the loss, in
// training mode. trace_error is the standard error over the draws of v: that of the estimator, not
// of the choice of examples. Its variance is 2 sum_{i != j} H_ij^2 / samples.
//
// `estimator: hutch_plus_plus` spends as many products otherwise: a third of them finds the
// directions in which H is large, whose share of the trace is exact, and the last third estimates the
// rest (gapbench/trace.h). Its error is then that of the rest. Where few eigenvalues make most of the
// trace, as of a trained network, it varies less.
//
// Source: Hutchinson 1990, "A stochastic estimator of the trace of the influence matrix"; Meyer,
// Musco, Musco, Woodruff 2021, "Hutch++: Optimal stochastic trace estimation".
// State: none. Cost: micro_batch * count samples of 1 forward + 1 backward, and of `samples` times
// both tangents; hutch_plus_plus: of at most `samples` times all four, and memory for samples / 3
// parameter vectors.

#include <array>
#include <string>
#include <vector>

#include <gapbench/hutchinson.h>
#include <gapbench/numeric.h>
#include <gapbench/plugin.h>
#include <gapbench/trace.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{option::integer("samples", "products, of random sign vectors; hutch_plus_plus: >= 6")
                   .at_least(2)
                   .by_default(32),
               option::choice("estimator", "hutchinson|hutch_plus_plus", "of the trace")
                   .by_default("hutchinson")});

class HessianTrace final : public gapbench::Probe {
 public:
  explicit HessianTrace(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        samples_(o.count("samples")),
        plus_plus_(o.choice("estimator") == "hutch_plus_plus") {
    if (!plus_plus_ || samples_ >= 6) return;
    throw gapbench::Error("hessian_trace.samples", "must be at least 6 for hutch_plus_plus, got " +
                                                       std::to_string(samples_));
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const gapbench::MeanError trace = plus_plus_ ? split(snapshot) : hutchinson(snapshot);
    metrics.add("trace", trace.value, "");
    metrics.add("trace_error", trace.error, "");
  }

 private:
  gapbench::MeanError hutchinson(gapbench::Snapshot& snapshot) const {
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
    return gapbench::mean_with_error(traces);
  }

  gapbench::MeanError split(gapbench::Snapshot& snapshot) const {
    const gapbench::TraceEstimate trace = gapbench::hutch_plus_plus(
        [&](std::span<const float> v, std::span<float> out) {
          const auto product = [v](gapbench::MicroBatch& m, std::size_t, std::span<float> hv) {
            m.hessian_vector(m.loss(), v, hv);
          };
          snapshot.mean_over(sample_, product, out);
        },
        snapshot.parameters().values.size(), samples_, snapshot.random("signs"));
    return {trace.value, trace.error};
  }

  gapbench::Sample sample_;
  std::size_t samples_;
  bool plus_plus_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<HessianTrace>(
    {.name = "hessian_trace",
     .summary = "trace of the Hessian with standard error; Hutchinson 1990, Meyer et al. 2021",
     .example = "micro_batch=8 count=2 samples=8",
     .revision = 2},
    options));
