// Confidence penalty: outputs of low entropy cost something.
//
//   s_i = loss_i - strength H(p_i),   H(p) = -sum_c p_c log p_c in nats,   p_i = softmax(z_i)
//   ds_i/dz_c = dloss_i/dz_c + strength p_c (log p_c + H)
//
// in place of the loss in training. Losses in tables stay those of the problem. Where label_smoothing
// asks for the divergence of p from the uniform distribution in one direction, this one does in the other.
//
// Source: Pereyra, Tucker, Chorowski, Kaiser, Hinton 2017, "Regularizing neural networks by penalizing
// confident output distributions".
// State: none. Cost: none, no pass is added.

#include <cmath>
#include <memory>
#include <vector>

#include <gapbench/plugin.h>
#include <gapbench/softmax.h>

namespace {

namespace option = gapbench::option;

constexpr gapbench::OptionSpec options[] = {
    option::real("strength", "of the entropy").at_least(0),
};

class Penalized final : public gapbench::Head {
 public:
  Penalized(const gapbench::Head& loss, double strength) : loss_(loss), strength_(strength) {}

  double value(const gapbench::Outputs& z, std::span<float> cotangent) const override {
    if (z.labels.empty()) {
      throw gapbench::Error("confidence_penalty", "needs classes; a regression has none");
    }
    const double loss = loss_.value(z, cotangent);
    const double scale = strength_ / static_cast<double>(z.examples);
    double penalty = 0;
    for (std::size_t i = 0; i < z.examples; ++i) {
      const Distribution p(z.values.subspan(i * z.width, z.width));
      penalty -= p.entropy;
      if (cotangent.empty()) continue;
      const auto out = cotangent.subspan(i * z.width, z.width);
      for (std::size_t c = 0; c < z.width; ++c) {
        out[c] += static_cast<float>(scale * p.of(c) * (p.log[c] + p.entropy));
      }
    }
    return loss + scale * penalty;
  }

  // With q = -H, slope_c = p_c (log p_c - q) and l_c = t_c - p.t the change of log p_c along t:
  //   d slope_c = p_c l_c (log p_c - q) + p_c (l_c - slope.t)
  void curvature(const gapbench::Outputs& z, std::span<const float> t,
                 std::span<float> out) const override {
    loss_.curvature(z, t, out);
    const double scale = strength_ / static_cast<double>(z.examples);
    for (std::size_t i = 0; i < z.examples; ++i) {
      const Distribution p(z.values.subspan(i * z.width, z.width));
      const auto ti = t.subspan(i * z.width, z.width);
      double mean = 0;
      double along = 0;
      for (std::size_t c = 0; c < z.width; ++c) {
        mean += p.of(c) * ti[c];
        along += p.of(c) * (p.log[c] + p.entropy) * ti[c];
      }
      for (std::size_t c = 0; c < z.width; ++c) {
        const double l = ti[c] - mean;
        const double moved = p.of(c) * (l * (p.log[c] + p.entropy) + l - along);
        out[i * z.width + c] += static_cast<float>(scale * moved);
      }
    }
  }

 private:
  struct Distribution {
    explicit Distribution(std::span<const float> z) : log(z.size()) {
      const double normalizer = gapbench::log_sum_exp(z);
      for (std::size_t c = 0; c < z.size(); ++c) {
        log[c] = z[c] - normalizer;
        entropy -= of(c) * log[c];
      }
    }
    double of(std::size_t c) const { return std::exp(log[c]); }

    std::vector<double> log;
    double entropy = 0;
  };

  const gapbench::Head& loss_;
  double strength_;
};

class ConfidencePenalty final : public gapbench::Regularizer {
 public:
  explicit ConfidencePenalty(const gapbench::Options& o) : strength_(o.real("strength")) {}

  std::unique_ptr<const gapbench::Head> replace_loss(const gapbench::Head& loss) const override {
    if (dynamic_cast<const gapbench::SquaredError*>(&loss) != nullptr ||
        dynamic_cast<const gapbench::Gaussian*>(&loss) != nullptr) {
      throw gapbench::Error("confidence_penalty",
                            "needs a loss over classes (cross-entropy), not squared error");
    }
    return std::make_unique<Penalized>(loss, strength_);
  }

 private:
  double strength_;
};

}  // namespace

GAPBENCH_PLUGIN(gapbench::regularizer<ConfidencePenalty>(
    {.name = "confidence_penalty",
     .summary = "a price for outputs of low entropy; Pereyra et al. 2017",
     .example = "strength=0.1"},
    options));
