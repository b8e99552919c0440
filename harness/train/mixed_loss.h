// The loss of mixed examples.
#pragma once

#include "gapbench/head.h"

namespace gapbench::train {

/// s_i = share_i loss(z_i, label_i) + (1 - share_i) loss(z_i, partner's label), see Outputs; `loss` of
/// outputs that are not mixed. What does not look at labels, a Fisher, is that of `loss`.
/// Cost: `loss` twice.
class MixedLoss final : public Head {
 public:
  /// `loss` must outlive it.
  explicit MixedLoss(const Head& loss) : loss_(loss) {}

  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;
  void values(const Outputs& z, std::span<double> out) const override;
  void fisher(const Outputs& z, std::span<const float> t, std::span<float> out) const override {
    loss_.fisher(z, t, out);
  }
  void fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const override {
    loss_.fisher_root(z, c, out);
  }

 private:
  const Head& loss_;
};

}  // namespace gapbench::train
