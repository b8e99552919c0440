// Squared norm of the loss gradient of each micro-batch M, true labels.
//
//   R_M = c |g_M|^2,   g_M = gradient of the problem's loss on M;   grad R_M = 2 c H_M g_M
//
// c and its conventions, where H_M g_M comes from, and one sampled micro-batch in place of all:
// gapbench/gradient_penalty.h. Where the trial normalizes by micro-batch, the derivative goes
// through the batch statistics, and `micro_batch` may be a multiple or a divisor of the trial's,
// whose micro-batches stay the groups that are normalized together. With lambda = alpha,
// convention: smith, and micro-batches of B this is the regularizer that SGD of rate alpha and
// batch B carries implicitly (Smith et al. 2021, mini-batch form).
//
// Source: Barrett & Dherin 2021, "Implicit gradient regularization"; Novack, Kaur, Marwah, Garg,
// Lipton 2023, "Disentangling the mechanisms behind implicit regularization in SGD" (GN); Geiping,
// Goldblum, Pope, Moeller, Goldstein 2022, "Stochastic training is not necessary for
// generalization".
// State: none. Cost on a penalized micro-batch beside its gradient: 1 tangent-forward +
// 1 tangent-backward, or the forward and backward of each difference.

#include <gapbench/gradient_penalty.h>
#include <gapbench/plugin.h>

namespace {

class GradientNorm final : public gapbench::Regularizer {
 public:
  explicit GradientNorm(const gapbench::Options& o) : penalty_(o) {}

  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(gapbench::MicroBatch& micro_batch,
                              std::span<float> gradient) const override {
    return penalty_.add(micro_batch, micro_batch.loss(), gradient);
  }

 private:
  gapbench::GradientPenalty penalty_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<GradientNorm>(
    {.name = "gradient_norm",
     .summary = "squared norm of micro-batch gradients; Barrett & Dherin 2021",
     .example = "lambda=0.01"},
    gapbench::GradientPenalty::options));
