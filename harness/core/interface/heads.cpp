#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/lengths.h"
#include "gapbench/error.h"
#include "gapbench/head.h"
#include "gapbench/softmax.h"

namespace gapbench {
namespace {

std::span<const float> row(std::span<const float> values, std::size_t i, std::size_t width) {
  return values.subspan(i * width, width);
}

// What z_i should be under squared error: the target, or the one-hot vector of the label.
double desired(const Outputs& z, std::size_t i, std::size_t c) {
  if (!z.targets.empty()) return z.targets[i * z.width + c];
  return static_cast<std::size_t>(z.labels[i]) == c ? 1 : 0;
}

}  // namespace

double log_sum_exp(std::span<const float> z) {
  const double top = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (const float x : z) sum += std::exp(x - top);
  return top + std::log(sum);
}

void sample_labels(const Outputs& z, Random random, std::span<std::int32_t> labels) {
  if (z.labels.empty()) {
    throw Error("sampled labels", "the problem is a regression, it has no labels to sample");
  }
  assert(labels.size() == z.examples);
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto zi = row(z.values, i, z.width);
    const double normalizer = log_sum_exp(zi);
    double rest = random.uniform();
    std::size_t c = 0;
    // The last class takes what rounding leaves.
    for (; c + 1 < z.width; ++c) {
      rest -= std::exp(zi[c] - normalizer);
      if (rest < 0) break;
    }
    labels[i] = static_cast<std::int32_t>(c);
  }
}

void Head::values(const Outputs& z, std::span<double> out) const {
  require_length("Head::values", "out", out.size(), z.examples);
  for (std::size_t i = 0; i < z.examples; ++i) {
    Outputs one{1, z.width, row(z.values, i, z.width), {}, {}, z.first + i};
    if (!z.labels.empty()) one.labels = z.labels.subspan(i, 1);
    if (!z.targets.empty()) one.targets = row(z.targets, i, z.width);
    out[i] = value(one, {});
  }
}

void Head::fisher_root(const Outputs&, std::size_t, std::span<float>) const {
  throw Error("fisher_root",
              "this head has none; it is asked of likelihoods (CrossEntropy, "
              "Gaussian)");
}

double CrossEntropy::value(const Outputs& z, std::span<float> cotangent) const {
  const auto labels = labels_.empty() ? z.labels : labels_.subspan(z.first, z.examples);
  assert(labels.size() == z.examples);
  const double scale = 1.0 / static_cast<double>(z.examples);
  double sum = 0;
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto zi = row(z.values, i, z.width);
    const auto label = static_cast<std::size_t>(labels[i]);
    const double normalizer = log_sum_exp(zi);
    sum += normalizer - zi[label];
    if (cotangent.empty()) continue;
    for (std::size_t c = 0; c < z.width; ++c) {
      const double p = std::exp(zi[c] - normalizer);
      cotangent[i * z.width + c] = static_cast<float>(scale * (p - (c == label ? 1 : 0)));
    }
  }
  return sum * scale;
}

void CrossEntropy::curvature(const Outputs& z, std::span<const float> t,
                             std::span<float> out) const {
  const double scale = 1.0 / static_cast<double>(z.examples);
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto zi = row(z.values, i, z.width);
    const auto ti = row(t, i, z.width);
    const double normalizer = log_sum_exp(zi);
    double mean = 0;
    for (std::size_t c = 0; c < z.width; ++c) mean += std::exp(zi[c] - normalizer) * ti[c];
    for (std::size_t c = 0; c < z.width; ++c) {
      const double p = std::exp(zi[c] - normalizer);
      out[i * z.width + c] = static_cast<float>(scale * p * (ti[c] - mean));
    }
  }
}

void CrossEntropy::values(const Outputs& z, std::span<double> out) const {
  require_length("CrossEntropy::values", "out", out.size(), z.examples);
  const auto labels = labels_.empty() ? z.labels : labels_.subspan(z.first, z.examples);
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto zi = row(z.values, i, z.width);
    out[i] = log_sum_exp(zi) - zi[static_cast<std::size_t>(labels[i])];
  }
}

// sum_c p_c (e_c - p)(e_c - p)^T = diag(p) - p p^T.
void CrossEntropy::fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const {
  for (std::size_t i = 0; i < z.examples; ++i) {
    const auto zi = row(z.values, i, z.width);
    const double normalizer = log_sum_exp(zi);
    const double root = std::sqrt(std::exp(zi[c] - normalizer));
    for (std::size_t d = 0; d < z.width; ++d) {
      const double p = std::exp(zi[d] - normalizer);
      out[i * z.width + d] = static_cast<float>(root * ((d == c ? 1 : 0) - p));
    }
  }
}

double SquaredError::value(const Outputs& z, std::span<float> cotangent) const {
  const double scale = 1.0 / static_cast<double>(z.examples);
  double sum = 0;
  for (std::size_t i = 0; i < z.examples; ++i) {
    for (std::size_t c = 0; c < z.width; ++c) {
      const double residual = z.values[i * z.width + c] - desired(z, i, c);
      sum += residual * residual;
      if (!cotangent.empty()) {
        cotangent[i * z.width + c] = static_cast<float>(2 * scale * residual);
      }
    }
  }
  return sum * scale;
}

void SquaredError::curvature(const Outputs& z, std::span<const float> t,
                             std::span<float> out) const {
  const double scale = 2.0 / static_cast<double>(z.examples);
  for (std::size_t i = 0; i < t.size(); ++i) out[i] = static_cast<float>(scale * t[i]);
}

double Projection::value(const Outputs& z, std::span<float> cotangent) const {
  assert(direction_.size() == z.width);
  const double scale = 1.0 / static_cast<double>(z.examples);
  double sum = 0;
  for (std::size_t i = 0; i < z.examples * z.width; ++i) {
    const double u = direction_[i % z.width];
    sum += u * z.values[i];
    if (!cotangent.empty()) cotangent[i] = static_cast<float>(scale * u);
  }
  return sum * scale;
}

void Projection::curvature(const Outputs&, std::span<const float>, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
}

Gaussian::Gaussian(double deviation) : deviation_(deviation) {
  if (deviation > 0 && std::isfinite(deviation)) return;
  throw Error("deviation", "of a Gaussian likelihood must be a positive number, got " +
                               std::to_string(deviation));
}

double Gaussian::value(const Outputs& z, std::span<float> cotangent) const {
  std::vector<double> each(z.examples);
  values(z, each);
  double sum = 0;
  for (const double s : each) sum += s;
  const double n = static_cast<double>(z.examples);
  const double slope = 1 / (n * deviation_ * deviation_);
  for (std::size_t i = 0; i < cotangent.size(); ++i) {
    const double residual = z.values[i] - desired(z, i / z.width, i % z.width);
    cotangent[i] = static_cast<float>(slope * residual);
  }
  return sum / n;
}

void Gaussian::curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const {
  const double scale = 1 / (static_cast<double>(z.examples) * deviation_ * deviation_);
  for (std::size_t i = 0; i < t.size(); ++i) out[i] = static_cast<float>(scale * t[i]);
}

void Gaussian::values(const Outputs& z, std::span<double> out) const {
  require_length("Gaussian::values", "out", out.size(), z.examples);
  const double constant = std::log(deviation_) + std::log(2 * std::numbers::pi) / 2;
  for (std::size_t i = 0; i < z.examples; ++i) {
    double squares = 0;
    for (std::size_t c = 0; c < z.width; ++c) {
      const double residual = z.values[i * z.width + c] - desired(z, i, c);
      squares += residual * residual;
    }
    out[i] = squares / (2 * deviation_ * deviation_) + static_cast<double>(z.width) * constant;
  }
}

void Gaussian::fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  for (std::size_t i = 0; i < z.examples; ++i) {
    out[i * z.width + c] = static_cast<float>(1 / deviation_);
  }
}

double FisherRoot::value(const Outputs& z, std::span<float> cotangent) const {
  std::vector<float> root(z.examples * z.width);
  likelihood_.fisher_root(z, column_, root);
  const double scale = 1.0 / static_cast<double>(z.examples);
  double sum = 0;
  for (std::size_t i = 0; i < root.size(); ++i) {
    sum += static_cast<double>(root[i]) * z.values[i];
    if (!cotangent.empty()) cotangent[i] = static_cast<float>(scale * root[i]);
  }
  return sum * scale;
}

void FisherRoot::curvature(const Outputs&, std::span<const float>, std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
}

}  // namespace gapbench
