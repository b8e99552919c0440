// The primitives of a linear or convolution layer for one number of examples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "nn/layer.h"
#include "nn/layers/affine/patches.h"
#include "nn/layers/affine/row_products.h"
#include "nn/onednn.h"

namespace gapbench::nn {

struct AffineKernels {
  Kernel forward;        ///< y = P(x, W) + b
  Kernel accumulate;     ///< y += P(x, W)
  Kernel backward_data;  ///< of rows.data(): source and destination are its output and input
  Kernel backward_weights;
  Kernel single;                  ///< backward_weights of one example, for AffineNorms
  RowProducts rows;               ///< says which of these multiply gathered rows
  bool gram = false;              ///< AffineNorms takes the Gram matrices of positions instead
  Kernel input_copy;              ///< x as an operand; empty where the flow serves
  Kernel output_copy;             ///< dy as an operand; empty where the flow serves
  dnnl::memory::desc input_flow;  ///< of x and its companions
  dnnl::memory::desc plain;       ///< of the weights
  Kernel reorder;                 ///< gradient layout to plain; empty where they are the same
  std::size_t outputs = 0;        ///< channels
  ProductPatches patches;
  bool bias = true;
};

class AffinePlan final : public Plan {
 public:
  AffinePlan(dnnl::engine engine, AffineKernels kernels);

  /// The primitives' own scratchpad, room for one term of a two-term sum or for the gradient of one
  /// example, dy and its tangent as operands, gathered patches.
  std::size_t scratch() const noexcept override {
    return std::max(own_ + term_ + 2 * operand_ + gathered_, rows_);
  }
  std::span<float> term(float* scratch) const noexcept { return {scratch + own_, term_}; }
  /// Where a bias gradient lies in the term behind a weight gradient.
  std::size_t behind_gradient() const noexcept;
  float* operand(float* scratch, std::size_t k) const noexcept {
    return scratch + own_ + term_ + k * operand_;
  }
  float* gathered(float* scratch) const noexcept { return operand(scratch, 2); }
  const dnnl::engine& engine() const noexcept { return engine_; }
  const AffineKernels& kernels() const noexcept { return kernels_; }

 private:
  dnnl::engine engine_;
  AffineKernels kernels_;
  std::size_t own_ = 0;
  std::size_t term_ = 0;
  std::size_t operand_ = 0;
  std::size_t gathered_ = 0;
  std::size_t rows_ = 0;  ///< what AffineFactors and AffineGram gather; where the others are
};

}  // namespace gapbench::nn
