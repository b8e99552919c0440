// Squared norm of the gradient of the mean outputs of each micro-batch M along a random direction.
//
//   R_M = c |g_M|^2,   g_M = gradient of u . (1/n) sum_i z_i,   u = N(0, I) scaled to length 1
//
// One u for every micro-batch and step (keyed). E_u |g_M|^2 = |J_M|_F^2 / width with J_M the
// Jacobian of the mean output. The mean over the micro-batch is taken before the derivative, so c
// goes with its size.
// c and its conventions, products and sampling: gapbench/gradient_penalty.h.
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD" (UJ).
// State: none. Cost on a penalized micro-batch beside its gradient: 1 backward + 1 tangent-forward
// + 1 tangent-backward, or the forward and backward of each difference.

#include <cmath>
#include <vector>

#include <gapbench/gradient_penalty.h>
#include <gapbench/numeric.h>
#include <gapbench/plugin.h>

namespace {

class UnitJacobian final : public gapbench::Regularizer {
 public:
  explicit UnitJacobian(const gapbench::Options& o) : penalty_(o) {}

  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(gapbench::MicroBatch& micro_batch,
                              std::span<float> gradient) const override {
    if (penalty_.skips(micro_batch)) return 0;
    std::vector<float> u(micro_batch.outputs().width);
    micro_batch.random("direction").normal(u);
    const double length = std::sqrt(gapbench::dot(u, u));
    for (float& x : u) x = static_cast<float>(x / length);
    return penalty_.add(micro_batch, gapbench::Projection(u), gradient);
  }

 private:
  gapbench::GradientPenalty penalty_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<UnitJacobian>(
    {.name = "unit_jacobian",
     .summary = "squared gradient norm of a random unit output direction; Novack et al. 2023",
     .example = "lambda=0.001"},
    gapbench::GradientPenalty::options));
