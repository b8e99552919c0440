// A linear classifier of any size: what the reference problem is too small for.
#pragma once

#include <vector>

#include "gapbench/problem.h"

namespace gapbench::plugin::conformance {

/// z = W x, W [4, inputs]; 4096 training examples, 64 test examples, 4 classes in turn. x of example
/// i is the window of `inputs` numbers that begins at i in one row of scale N(0, 1): at scale 0 the
/// outputs are 0 whatever the parameters are. Sums in double.
class LinearModel final : public Problem {
 public:
  LinearModel(std::size_t inputs, float scale);

  std::span<const TensorInfo> tensors() const noexcept override { return {&tensor_, 1}; }
  std::size_t width() const noexcept override;
  std::size_t examples(Part part) const noexcept override;
  const Head& loss() const noexcept override { return loss_; }
  void initialize(Random random, std::span<float> w) const override;
  std::unique_ptr<Passes> make_passes(std::size_t capacity) const override;
  PassFlops flops() const noexcept override;
  std::span<const KroneckerLayer> kronecker_layers() const noexcept override {
    return {&layer_, 1};
  }

  std::span<const float> input(Part part, std::size_t example) const;
  std::int32_t label(std::size_t example) const;

 private:
  TensorInfo tensor_;
  KroneckerLayer layer_;
  CrossEntropy loss_;
  std::vector<float> row_;
};

}  // namespace gapbench::plugin::conformance
