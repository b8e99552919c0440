// Squared norm of the gradient of each micro-batch M under labels sampled from the model.
//
//   R_M = c |g_M|^2,   g_M = gradient of (1/n) sum_i -log p(y_i | x_i),   y_i ~ softmax(z_i)
//
// One label an example, drawn afresh for every micro-batch and step (keyed), constant under the
// derivative: grad R_M = 2 c H_M g_M with H_M the Hessian of that cross-entropy. Scores have mean
// zero under sampled labels, so E |g_M|^2 = tr(F) / n with F the Fisher information: c goes with
// the size n of the micro-batch. Classification only. c and its conventions, products and sampling:
// gapbench/gradient_penalty.h.
//
// Source: Jastrzebski et al. 2021, "Catastrophic Fisher explosion"; Novack, Kaur, Marwah, Garg,
// Lipton 2023, "Disentangling the mechanisms behind implicit regularization in SGD" (FT).
// State: none. Cost on a penalized micro-batch beside its gradient: 1 backward + 1 tangent-forward
// + 1 tangent-backward, or the forward and backward of each difference.

#include <gapbench/gradient_penalty.h>
#include <gapbench/plugin.h>

namespace {

class FisherTrace final : public gapbench::Regularizer {
 public:
  explicit FisherTrace(const gapbench::Options& o) : penalty_(o) {}

  std::size_t micro_batch() const noexcept override { return penalty_.micro_batch(); }
  double penalize_micro_batch(gapbench::MicroBatch& micro_batch,
                              std::span<float> gradient) const override {
    if (penalty_.skips(micro_batch)) return 0;
    const gapbench::CrossEntropy head(micro_batch.sampled_labels("fisher"));
    return penalty_.add(micro_batch, head, gradient);
  }

 private:
  gapbench::GradientPenalty penalty_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<FisherTrace>(
    {.name = "fisher_trace",
     .summary = "squared micro-batch gradient norm, sampled labels; Jastrzebski et al. 2021",
     .example = "lambda=0.01"},
    gapbench::GradientPenalty::options));
