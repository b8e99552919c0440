// Gradients of single examples of a linear or convolution layer, for their lengths.
#pragma once

#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "nn/layers/affine_plan.h"
#include "nn/onednn.h"

namespace gapbench::nn {

/// |dW_i|^2 + |db_i|^2 of each example i, with dW_i = G(x_i, dy_i) and db_i the sum of dy_i. Where
/// dW_i = dy_i x_i^T its length is that of dy_i times that of x_i; else dW_i is computed, one
/// example after another into the plan's term, which stays in cache.
class AffineNorms {
 public:
  AffineNorms() = default;
  /// x and dy as operands of the plan's kernels: the memory they will be in.
  AffineNorms(const AffinePlan& plan, const dnnl::memory& x, const dnnl::memory& dy,
              float* scratch);

  /// Adds to totals [examples].
  void add(const dnnl::stream& stream, std::span<double> totals) const;

 private:
  /// An operand of all examples, which lie one behind the other in every layout.
  struct Batch {
    Batch() = default;
    explicit Batch(const dnnl::memory& all);
    void* at(std::size_t example) const { return start + example * bytes; }
    double squared_norm(std::size_t example) const;

    std::byte* start = nullptr;
    std::size_t bytes = 0;    ///< of one example
    std::size_t numbers = 0;  ///< of one example
    Precision precision = Precision::f32;
  };

  double outer(std::size_t example) const;
  double computed(const dnnl::stream& stream, std::size_t example) const;

  Batch x_, dy_;
  dnnl::memory one_x_, one_dy_;
  std::span<const float> gradient_, bias_gradient_;
  Call weights_;
  bool bias_ = false;
  bool outer_ = false;
};

}  // namespace gapbench::nn
