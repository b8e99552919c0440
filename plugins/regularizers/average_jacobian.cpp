// Squared norm of the gradient of the summed mean outputs of each micro-batch M.
//
//   R_M = c |g_M|^2,   g_M = gradient of sum_c (1/n) sum_i z_ic
//
// The direction in output space is uniform: all ones, not normalized, no 1/classes (Novack et al.).
// The mean over the micro-batch is taken before the derivative, so c goes with its size.
// c and its conventions, products and sampling: gapbench/gradient_penalty.h.
//
// Source: Novack, Kaur, Marwah, Garg, Lipton 2023, "Disentangling the mechanisms behind implicit
// regularization in SGD" (AJ).
// State: none. Cost on a penalized micro-batch beside its gradient: 1 backward + 1 tangent-forward
// + 1 tangent-backward, or the forward and backward of each difference.

#include <vector>

#include <gapbench/gradient_penalty.h>
#include <gapbench/plugin.h>

namespace {

class AverageJacobian final : public gapbench::Regularizer {
 public:
  explicit AverageJacobian(const gapbench::Options& o) : penalty_(o) {}

  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(gapbench::MicroBatch& micro_batch,
                              std::span<float> gradient) const override {
    if (penalty_.skips(micro_batch)) return 0;
    const std::vector<float> ones(micro_batch.outputs().width, 1.0F);
    return penalty_.add(micro_batch, gapbench::Projection(ones), gradient);
  }

 private:
  gapbench::GradientPenalty penalty_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<AverageJacobian>(
    {.name = "average_jacobian",
     .summary = "squared gradient norm of the summed outputs; Novack et al. 2023",
     .example = "lambda=0.001"},
    gapbench::GradientPenalty::options));
