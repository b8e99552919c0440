// A problem of any number of parameters whose passes cost next to nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gapbench/head.h"
#include "gapbench/problem.h"

namespace gapbench::bench {

/// z_i(w) = |w - s_i a|^2 / 2 with signs s_i = 1, -1, 1, ... for eight examples; the loss is the
/// mean of z. Gradient w - mean(s) a, Hessian I. With a not 0 its minima differ from example to
/// example, so that steps on one of them never die out. One tensor. Cost of a pass: one sweep.
class Quadratic final : public Problem {
 public:
  explicit Quadratic(std::size_t dimension);

  std::span<const TensorInfo> tensors() const noexcept override { return tensors_; }
  std::size_t width() const noexcept override { return 1; }
  std::size_t examples(Part part) const noexcept override { return part == Part::train ? 8 : 0; }
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random random, std::span<float> w) const override { random.normal(w); }
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override { return {}; }

 private:
  std::vector<TensorInfo> tensors_;
  std::vector<float> a_;
  float one_ = 1;
  Projection loss_{{&one_, 1}};
};

}  // namespace gapbench::bench
