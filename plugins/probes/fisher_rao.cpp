// The Fisher-Rao norm of the parameters: their length in the metric of the model's predictions.
//
//   w^T F w,   F the Fisher information of the model (Head::fisher; labels in expectation), over a
//   fixed sample in evaluation mode
//
// Scaling a layer up and the next one down by the same factor, which leaves a network of rectifiers
// as it is, leaves it, too (Dinh et al. 2017 on measures that move). `per_example` is the square root
// of w^T F w / N over N training examples, the form in which norms are compared across data.
//
// Source: Liang, Poggio, Rakhlin, Stokes 2019, "Fisher-Rao metric, geometry, and complexity of neural
// networks".
// State: none. Cost: 1 forward, 1 tangent-forward and 1 backward of the sample.

#include <cmath>
#include <vector>

#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::sample({.count = 8});

class FisherRao final : public gapbench::Probe {
 public:
  explicit FisherRao(const gapbench::Options& o) : sample_(gapbench::sample_of(o)) {
    sample_.mode = gapbench::Mode::evaluation;
  }

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto w = snapshot.parameters().values;
    std::vector<float> product(w.size());
    snapshot.mean_over(
        sample_,
        [w](gapbench::MicroBatch& m, std::size_t, std::span<float> out) {
          m.gauss_newton_vector(m.loss(), w, out);
        },
        product);
    const double norm = gapbench::dot(w, product);
    metrics.add("norm", norm, "");
    metrics.add("per_example", std::sqrt(norm / static_cast<double>(snapshot.training_examples())),
                "");
  }

 private:
  gapbench::Sample sample_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<FisherRao>(
    {.name = "fisher_rao",
     .summary = "length of the parameters in the Fisher metric; Liang et al. 2019",
     .example = "micro_batch=8 count=2"},
    options));
