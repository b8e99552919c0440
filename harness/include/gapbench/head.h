// Heads: scalar functions of a network's outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "gapbench/export.h"
#include "gapbench/random.h"

namespace gapbench {

/// What a problem computed for some examples.
///   values [examples, width] row-major; labels [examples], empty for regression;
///   targets [examples, width], empty for classification.
struct Outputs {
  std::size_t examples = 0;
  std::size_t width = 0;
  std::span<const float> values;
  std::span<const std::int32_t> labels;
  std::span<const float> targets;
  std::size_t first = 0;  ///< a head's labels begin here: the place of example 0 in what it is of
};

/// Draws labels[i] from softmax(z_i), the labels of the Fisher information, by inverting the
/// cumulative sum: labels [examples]. Throws Error unless z has labels (a regression has none).
GAPBENCH_API void sample_labels(const Outputs& z, Random random, std::span<std::int32_t> labels);

/// A scalar function s of the outputs z, the mean over the examples: s = (1/n) sum_i s_i(z_i).
/// Its parameter gradient is what a plugin asks for: cross-entropy (the loss), cross-entropy on
/// sampled labels (Fisher), a fixed projection (Jacobian).
/// Thread rule: const and stateless, several threads at a time.
class GAPBENCH_API Head {
 public:
  virtual ~Head();

  /// Returns s; writes ds/dz [examples, width] to `cotangent` unless that is empty.
  virtual double value(const Outputs& z, std::span<float> cotangent) const = 0;

  /// Writes (d2s/dz2) t to `out`; t and out [examples, width], not overlapping.
  virtual void curvature(const Outputs& z, std::span<const float> t,
                         std::span<float> out) const = 0;
};

/// s_i = log sum_c exp z_ic - z_i,label(i), in nats; log-sum-exp with the maximum subtracted, in
/// double.
///   ds_i/dz = softmax(z_i) - onehot;  d2s_i/dz2 = diag(p) - p p^T.
/// Labels come from the outputs, or from `labels` where given (sampled labels: Fisher).
class GAPBENCH_API CrossEntropy final : public Head {
 public:
  CrossEntropy() = default;
  /// `labels` must outlive this object; labels[z.first + i] is that of example i.
  explicit CrossEntropy(std::span<const std::int32_t> labels) : labels_(labels) {}
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;

 private:
  std::span<const std::int32_t> labels_;
};

/// s_i = |z_i - target_i|^2 (a sum over the width, no 1/2). With labels in place of targets the
/// target is the one-hot vector of the label.  ds_i/dz = 2 (z - target);  d2s_i/dz2 = 2 I.
class GAPBENCH_API SquaredError final : public Head {
 public:
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;
};

/// s_i = u . z_i for a fixed direction u [width]: its gradient is u^T J averaged over examples.
class GAPBENCH_API Projection final : public Head {
 public:
  /// `direction` must outlive this object.
  explicit Projection(std::span<const float> direction) : direction_(direction) {}
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;

 private:
  std::span<const float> direction_;
};

}  // namespace gapbench
