#include "train/mixed_loss.h"

#include <vector>

namespace gapbench::train {
namespace {

Outputs with_partner_labels(const Outputs& z) {
  Outputs other = z;
  other.labels = z.partner_labels;
  return other;
}

/// own_i <- share_i own_i + (1 - share_i) other_i, row by row.
void mix(const Outputs& z, std::span<float> own, std::span<const float> other) {
  for (std::size_t k = 0; k < own.size(); ++k) {
    const double share = z.shares[k / z.width];
    own[k] = static_cast<float>(share * own[k] + (1 - share) * other[k]);
  }
}

}  // namespace

double MixedLoss::value(const Outputs& z, std::span<float> cotangent) const {
  if (z.shares.empty()) return loss_.value(z, cotangent);
  if (!cotangent.empty()) {
    std::vector<float> other(cotangent.size());
    loss_.value(z, cotangent);
    loss_.value(with_partner_labels(z), other);
    mix(z, cotangent, other);
  }
  std::vector<double> all(z.examples);
  values(z, all);
  double sum = 0;
  for (const double s : all) sum += s;
  return sum / static_cast<double>(z.examples);
}

void MixedLoss::curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const {
  loss_.curvature(z, t, out);
  if (z.shares.empty()) return;
  std::vector<float> other(out.size());
  loss_.curvature(with_partner_labels(z), t, other);
  mix(z, out, other);
}

void MixedLoss::values(const Outputs& z, std::span<double> out) const {
  loss_.values(z, out);
  if (z.shares.empty()) return;
  std::vector<double> other(out.size());
  loss_.values(with_partner_labels(z), other);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = z.shares[i] * out[i] + (1 - z.shares[i]) * other[i];
  }
}

}  // namespace gapbench::train
