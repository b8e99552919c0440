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
  /// Where examples are mixed, [examples]: the label of what each is mixed with, and the share of its
  /// own. Heads need not know: MicroBatch::loss() does.
  std::span<const std::int32_t> partner_labels{};
  std::span<const double> shares{};
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

  /// Writes s_i of each example; out [examples], double. By default value() of one at a time.
  virtual void values(const Outputs& z, std::span<double> out) const;

  /// Whether s_i = -log p(target_i | z_i) in nats for a distribution p. Of the heads here
  /// CrossEntropy and Gaussian are; SquaredError is that of variance 1/2 up to a constant and says
  /// no: what weighs loss against a prior must refuse it.
  virtual bool is_likelihood() const noexcept { return false; }
  /// Writes F t, F = (1/n) E[(ds_i/dz)(ds_i/dz)^T] over targets drawn from p(. | z_i), block by
  /// block; t and out [examples, width]. By default curvature(), which it is for exponential
  /// families in their natural parameters.
  virtual void fisher(const Outputs& z, std::span<const float> t, std::span<float> out) const {
    curvature(z, t, out);
  }
  /// Writes column c < width of a root R_i of each example's own Fisher, R_i R_i^T = n F_i, to row i
  /// of out [examples, width]. Throws Error unless overridden.
  virtual void fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const;
};

/// s_i = log sum_c exp z_ic - z_i,label(i), in nats; log-sum-exp with the maximum subtracted, in
/// double.
///   ds_i/dz = softmax(z_i) - onehot;  d2s_i/dz2 = diag(p) - p p^T.
/// Labels come from the outputs, or from `labels` where given (sampled labels: Fisher). A
/// likelihood; column c of its Fisher's root is sqrt(p_c) (e_c - p).
class GAPBENCH_API CrossEntropy final : public Head {
 public:
  CrossEntropy() = default;
  /// `labels` must outlive this object; labels[z.first + i] is that of example i.
  explicit CrossEntropy(std::span<const std::int32_t> labels) : labels_(labels) {}
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;
  void values(const Outputs& z, std::span<double> out) const override;
  bool is_likelihood() const noexcept override { return true; }
  void fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const override;

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

/// The likelihood of targets with Gaussian noise, r = deviation in the targets' units as trained:
///
///   s_i = sum_d [ (z_d - target_d)^2 / (2 r^2) + log r + log(2 pi) / 2 ],   ds_i/dz = (z - target) / r^2
///
/// With labels in place of targets the target is the one-hot vector of the label. Its Fisher is
/// I / r^2, column c of the root e_c / r.
class GAPBENCH_API Gaussian final : public Head {
 public:
  /// Throws Error unless 0 < deviation < infinity.
  explicit Gaussian(double deviation);
  double deviation() const noexcept { return deviation_; }
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;
  void values(const Outputs& z, std::span<double> out) const override;
  bool is_likelihood() const noexcept override { return true; }
  void fisher_root(const Outputs& z, std::size_t c, std::span<float> out) const override;

 private:
  double deviation_;
};

/// s_i = R_i,c . z_i with R_i,c column c of a likelihood's Fisher root at z_i, held constant: the
/// sum over c < width of what its gradients give is exact where sampled labels only estimate it. So
/// MicroBatch::kronecker_factors of it, summed over c, has the exact G.
class GAPBENCH_API FisherRoot final : public Head {
 public:
  /// `likelihood` must outlive this object.
  FisherRoot(const Head& likelihood, std::size_t c) : likelihood_(likelihood), column_(c) {}
  double value(const Outputs& z, std::span<float> cotangent) const override;
  void curvature(const Outputs& z, std::span<const float> t, std::span<float> out) const override;

 private:
  const Head& likelihood_;
  std::size_t column_;
};

}  // namespace gapbench
