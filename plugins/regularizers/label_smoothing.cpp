// Label smoothing: a share of every target is spread evenly over the classes.
//
//   s_i = (1 - smoothing) loss_i + smoothing (1/K) sum_c -log p_ic,   p_i = softmax(z_i), K classes
//
// in place of the loss in training; with cross-entropy that is cross-entropy to the target
// (1 - smoothing) onehot + smoothing / K. Losses in tables stay those of the problem. It changes the loss
// that is there: with confidence_penalty name this one first, so that both are whole.
//
// Source: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, "Rethinking the Inception architecture for
// computer vision".
// State: none. Cost: none, no pass is added.

#include <cmath>
#include <memory>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/softmax.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("smoothing", "share of the target that is spread").at_least(0).below(1),
};

// Both terms have the curvature of cross-entropy: that of the uniform target does not depend on it.
class Smoothed final : public gapbench::Head {
 public:
  Smoothed(const gapbench::Head& loss, double smoothing) : loss_(loss), smoothing_(smoothing) {}

  double value(const gapbench::Outputs& z, std::span<float> cotangent) const override {
    if (z.labels.empty()) {
      throw gapbench::Error("label_smoothing", "needs classes; a regression has none");
    }
    const double hard = loss_.value(z, cotangent);
    const auto n = static_cast<double>(z.examples);
    const double share = 1 / static_cast<double>(z.width);
    double uniform = 0;
    for (std::size_t i = 0; i < z.examples; ++i) {
      const auto zi = z.values.subspan(i * z.width, z.width);
      const double normalizer = gapbench::log_sum_exp(zi);
      for (std::size_t c = 0; c < z.width; ++c) {
        const double log_p = zi[c] - normalizer;
        uniform -= share * log_p / n;
        if (cotangent.empty()) continue;
        float& out = cotangent[i * z.width + c];
        const double slope = (std::exp(log_p) - share) / n;
        out = static_cast<float>((1 - smoothing_) * out + smoothing_ * slope);
      }
    }
    return (1 - smoothing_) * hard + smoothing_ * uniform;
  }

  void curvature(const gapbench::Outputs& z, std::span<const float> t,
                 std::span<float> out) const override {
    loss_.curvature(z, t, out);
    std::vector<float> uniform(out.size());
    gapbench::CrossEntropy().curvature(z, t, uniform);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<float>((1 - smoothing_) * out[i] + smoothing_ * uniform[i]);
    }
  }

 private:
  const gapbench::Head& loss_;
  double smoothing_;
};

class LabelSmoothing final : public gapbench::Regularizer {
 public:
  explicit LabelSmoothing(const gapbench::Options& o) : smoothing_(o.real("smoothing")) {}

  std::unique_ptr<const gapbench::Head> replace_loss(const gapbench::Head& loss) const override {
    if (dynamic_cast<const gapbench::SquaredError*>(&loss) != nullptr ||
        dynamic_cast<const gapbench::Gaussian*>(&loss) != nullptr) {
      throw gapbench::Error("label_smoothing",
                            "needs a loss over classes (cross-entropy), not squared error");
    }
    return std::make_unique<Smoothed>(loss, smoothing_);
  }

 private:
  double smoothing_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<LabelSmoothing>(
    {.name = "label_smoothing",
     .summary = "targets spread over all classes; Szegedy et al. 2016",
     .example = "smoothing=0.1"},
    options));
