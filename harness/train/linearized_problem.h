// A network replaced by its first-order Taylor expansion at its start.
#pragma once

#include <memory>
#include <vector>

#include "gapbench/problem.h"

namespace gapbench::train {

/// Outputs z(w) = f(w_0) + J(w_0) (w - w_0), f the outputs of `inner` and w_0 what its initialize
/// writes for `random`: a linear model on the features of the network at its start, whose tangent
/// kernel never changes (Jacot, Gabriel, Hongler 2018; Lee et al. 2019, "Wide neural networks of any
/// depth evolve as linear models under gradient descent"). Parameters, data, loss and start are those
/// of `inner`; a trial that starts elsewhere moves in the same linear model.
///
/// Exact, by the tangent and backward passes at w_0: forward is a forward and a tangent-forward,
/// backward and tangent-backward are a backward. Points are relayed twice, as differences and as
/// directions. Noise sites, Kronecker factors and At::variances are not offered: what needs them says
/// so. Const and thread-safe.
class LinearizedProblem final : public Problem {
 public:
  /// Throws Error for batch normalization: there the outputs depend on w_0's own statistics, in
  /// training those of the micro-batch, in evaluation running ones, and no one linear model is both.
  LinearizedProblem(std::unique_ptr<const Problem> inner, Random random);

  std::span<const TensorInfo> tensors() const noexcept override { return inner_->tensors(); }
  std::size_t width() const noexcept override { return inner_->width(); }
  std::size_t examples(Part part) const noexcept override { return inner_->examples(part); }
  const Head& loss() const noexcept override { return inner_->loss(); }
  void initialize(Random random, std::span<float> w) const override {
    inner_->initialize(random, w);
  }
  std::unique_ptr<Point> make_point() const override;
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override;
  bool couples_examples() const noexcept override { return inner_->couples_examples(); }
  std::span<const double> target_scales() const noexcept override {
    return inner_->target_scales();
  }
  std::span<const std::string> shifts() const noexcept override { return inner_->shifts(); }

 private:
  std::unique_ptr<const Problem> inner_;
  std::vector<float> start_;
  std::unique_ptr<Point> at_start_;  ///< read by all passes
};

}  // namespace gapbench::train
