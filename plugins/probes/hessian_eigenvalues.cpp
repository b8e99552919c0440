// Largest eigenvalues of the Hessian of the training loss, and the smallest one.
//
//   H = mean over the micro-batches of a fixed sample of the exact Hessian of the loss
//
// in training mode: under batch normalization the derivative goes through the batch statistics of
// each micro-batch. Lanczos with full reorthogonalization, see gapbench/lanczos.h: an eigenvalue of
// H lies within residual_k of eigenvalue_k; raise `steps` where that is too wide. An eigenvalue of
// higher multiplicity is seen once. Fewer than `eigenvalues` are reported where the Krylov space
// ends early.
//
// Source: Ghorbani, Krishnan, Xiao 2019, "An investigation into neural net optimization via Hessian
// eigenvalue density"; Lanczos 1950.
// State: none. Cost: steps * micro_batch * count samples of an exact product (forward, backward and
// both tangents). Memory: steps parameter vectors.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gapbench/lanczos.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options = option::joined(
    option::sample({.count = 8}),
    std::array{
        option::integer("steps", "Lanczos iterations, one product each").at_least(2).by_default(20),
        option::integer("eigenvalues", "how many of the largest").at_least(1).by_default(1)});

class HessianEigenvalues final : public gapbench::Probe {
 public:
  explicit HessianEigenvalues(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)),
        steps_(o.count("steps")),
        eigenvalues_(o.count("eigenvalues")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    std::vector<float> start(snapshot.parameters().values.size());
    snapshot.random("start").normal(start);
    const auto ritz = gapbench::lanczos(
        [&](std::span<const float> v, std::span<float> out) {
          snapshot.mean_over(
              sample_,
              [v](gapbench::MicroBatch& m, std::size_t, std::span<float> hv) {
                m.hessian_vector(m.loss(), v, hv);
              },
              out);
        },
        start, steps_);
    for (std::size_t k = 0; k < std::min(eigenvalues_, ritz.size()); ++k) {
      metrics.add("eigenvalue_" + std::to_string(k + 1), ritz[k].value, "");
      metrics.add("residual_" + std::to_string(k + 1), ritz[k].residual, "");
    }
    metrics.add("smallest", ritz.back().value, "");
    metrics.add("smallest_residual", ritz.back().residual, "");
  }

 private:
  gapbench::Sample sample_;
  std::size_t steps_;
  std::size_t eigenvalues_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<HessianEigenvalues>(
    {.name = "hessian_eigenvalues",
     .summary = "largest eigenvalues of the Hessian, exact products; Ghorbani et al. 2019",
     .example = "micro_batch=8 count=2 steps=8",
     .revision = 3},
    options));
