// Largest eigenvalue of the Gauss-Newton matrix, and the spectral norm of the Jacobian.
//
//   G = (1/N) sum_i J_i' (d2 loss_i/dz2) J_i      eigenvalue = lambda_max(G)
//   J = the J_i [width, dimension] stacked        jacobian_spectral_norm = |J|_2 / sqrt(N)
//                                                       = sqrt(lambda_max((1/N) sum_i J_i' J_i))
//
// on a fixed sample of N = micro_batch * count training examples in training mode. Under
// cross-entropy G is the Fisher information. Lanczos with full reorthogonalization, see
// gapbench/lanczos.h: an eigenvalue lies within `residual` (of J'J/N: `jacobian_residual`) of the
// value.
//
// Source: Schraudolph 2002, "Fast curvature matrix-vector products for second-order gradient
// descent"; Lanczos 1950.
// State: none. Cost: steps * N samples, twice, of forward, tangent-forward and backward.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gapbench/lanczos.h>
#include <gapbench/plugin.h>

namespace {

namespace option = gapbench::option;

constexpr auto options =
    option::joined(option::sample({.count = 8}),
                   std::array{option::integer("steps", "Lanczos iterations, one product each")
                                  .at_least(1)
                                  .by_default(15)});

class GaussNewtonEigenvalue final : public gapbench::Probe {
 public:
  explicit GaussNewtonEigenvalue(const gapbench::Options& o)
      : sample_(gapbench::sample_of(o)), steps_(o.count("steps")) {}

  void measure(gapbench::Snapshot& snapshot, gapbench::Metrics& metrics) override {
    const auto of_loss = largest(snapshot, nullptr);
    // The curvature of |z - target|^2 is 2 I: its Gauss-Newton matrix is 2 J'J / N.
    const gapbench::SquaredError squared_error;
    const auto of_outputs = largest(snapshot, &squared_error);
    metrics.add("eigenvalue", of_loss.value, "");
    metrics.add("residual", of_loss.residual, "");
    metrics.add("jacobian_spectral_norm", std::sqrt(std::max(0.0, of_outputs.value / 2)), "");
    metrics.add("jacobian_residual", of_outputs.residual / 2, "");
  }

 private:
  // Of the given head; of the problem's loss where there is none.
  gapbench::RitzValue largest(gapbench::Snapshot& snapshot, const gapbench::Head* head) const {
    std::vector<float> start(snapshot.parameters().values.size());
    snapshot.random("start").normal(start);
    const auto ritz = gapbench::lanczos(
        [&](std::span<const float> v, std::span<float> out) {
          snapshot.mean_over(
              sample_,
              [v, head](gapbench::MicroBatch& m, std::size_t, std::span<float> gv) {
                m.gauss_newton_vector(head != nullptr ? *head : m.loss(), v, gv);
              },
              out);
        },
        start, steps_);
    return ritz.front();
  }

  gapbench::Sample sample_;
  std::size_t steps_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::probe<GaussNewtonEigenvalue>(
    {.name = "gauss_newton_eigenvalue",
     .summary = "largest eigenvalue of the Gauss-Newton matrix, norm of J; Schraudolph 2002",
     .example = "micro_batch=8 count=2 steps=6",
     .revision = 3},
    options));
