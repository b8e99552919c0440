#include <algorithm>
#include <cassert>
#include <cmath>

#include "gapbench/error.h"
#include "gapbench/head.h"

namespace gapbench {
namespace {

std::span<const float> row(std::span<const float> values, std::size_t i, std::size_t width) {
  return values.subspan(i * width, width);
}

// log sum_c exp z_c, with the maximum taken out first.
double log_sum_exp(std::span<const float> z) {
  const double top = *std::max_element(z.begin(), z.end());
  double sum = 0;
  for (const float x : z) sum += std::exp(x - top);
  return top + std::log(sum);
}

// What z_i should be under squared error: the target, or the one-hot vector of the label.
double desired(const Outputs& z, std::size_t i, std::size_t c) {
  if (!z.targets.empty()) return z.targets[i * z.width + c];
  return static_cast<std::size_t>(z.labels[i]) == c ? 1 : 0;
}

}  // namespace

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

}  // namespace gapbench
