// Gradients of single examples of a linear or convolution layer, for their lengths.
#pragma once

#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "nn/layers/affine/gram.h"
#include "nn/layers/affine/plan.h"
#include "nn/onednn.h"

namespace gapbench::nn {

/// |dW_i|^2 + |db_i|^2 of each example i, with dW_i = G(x_i, dy_i) and db_i the sum of dy_i:
///
///   outer     a linear layer: dW_i = dy_i x_i^T has the length of dy_i times that of x_i
///   gram      a convolution with few positions, see AffineGram
///   computed  else: one dW_i after another into the plan's term, which stays in cache
class AffineNorms {
 public:
  AffineNorms() = default;
  /// The memory that a tensor will be in: as an operand of the plan's kernels, and in its flow.
  struct Source {
    const dnnl::memory& operand;
    const void* flow;
  };
  AffineNorms(const AffinePlan& plan, const Source& x, const Source& dy, float* scratch);

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

  void make_call(const AffinePlan& plan, float* scratch);
  double of(const dnnl::stream& stream, std::size_t example) const;
  double outer(std::size_t example) const;
  double computed(const dnnl::stream& stream, std::size_t example) const;

  Batch x_, dy_;
  dnnl::memory one_x_, one_dy_;
  std::span<const float> gradient_, bias_gradient_;
  Call weights_;
  bool bias_ = false;
  enum class Way { outer, gram, computed } way_ = Way::outer;
  AffineGram gram_;
};

}  // namespace gapbench::nn
