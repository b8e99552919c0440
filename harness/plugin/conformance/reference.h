// The small smooth problem on which optimizers, regularizers and probes are checked.
#pragma once

#include <vector>

#include "gapbench/problem.h"

namespace gapbench::plugin::conformance {

/// A classifier with one hidden layer of tanh units on random points,
///
///   z = V (f tanh(U x + b)) + c,     x [5] ~ N(0, I),  3 classes by the largest of 3 random scores,
///
/// 4096 training and 64 test examples. Smooth, and curved in its parameters even under a linear
/// head, so that a wrong second-order term shows. f are the factors of its noise site "hidden1", 1
/// without noise. Answers every question but those about variances, by plain loops: sums in double,
/// outputs in f32.
/// Order of parameters: U [4, 5], b [4], V [3, 4], c [3].
class Reference final : public Problem {
 public:
  Reference();

  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override;
  std::size_t examples(Part part) const noexcept override;
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random random, std::span<float> w) const override;
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override;
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override;
  std::span<const NoiseSite> noise_sites() const noexcept override;
  bool has_example_squares() const noexcept override { return true; }
  bool has_factor_derivatives() const noexcept override { return true; }
  bool takes_ones() const noexcept override { return true; }

  std::span<const float> input(Part part, std::size_t example) const;
  std::int32_t label(Part part, std::size_t example) const;

 private:
  std::vector<TensorInfo> tensors_;
  std::vector<NoiseSite> sites_{{"hidden1", 4}};
  CrossEntropy loss_;
  std::vector<float> inputs_;  // training examples, then test examples
  std::vector<std::int32_t> labels_;
};

}  // namespace gapbench::plugin::conformance
