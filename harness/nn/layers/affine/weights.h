// The weights of a linear or convolution layer, laid out for its primitives.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "core/aligned.h"
#include "nn/layer.h"
#include "nn/onednn.h"

namespace gapbench::nn {

/// One layout of a weight tensor: a copy, or the caller's own memory where that has it already.
class WeightCopy {
 public:
  WeightCopy(const dnnl::engine& engine, const dnnl::memory::desc& plain,
             const dnnl::memory::desc& layout);
  /// `plain` holds the values in plain order.
  void assign(const dnnl::memory& plain, const dnnl::stream& stream);
  const dnnl::memory& memory() const noexcept { return memory_; }

 private:
  AlignedVector<float> values_;
  dnnl::memory memory_;
  Call reorder_;
  bool copied_;
};

/// What the weights are copied from and to.
struct AffineLayouts {
  dnnl::memory::desc plain;
  dnnl::memory::desc forward;
  dnnl::memory::desc plain_for_backward;  ///< the plain weights, seen in the order of `backward`
  dnnl::memory::desc backward;
};

/// Cost of assign(): at most two copies of the weights.
class AffineWeights final : public Weights {
 public:
  AffineWeights(const dnnl::engine& engine, const AffineLayouts& layouts, std::size_t biases);

  void assign(std::span<const float> values) override;

  const dnnl::memory& forward() const noexcept { return forward_.memory(); }
  const dnnl::memory& backward() const noexcept { return backward_.memory(); }
  const dnnl::memory& bias() const noexcept { return bias_; }

 private:
  dnnl::stream stream_;
  dnnl::memory plain_;
  dnnl::memory plain_for_backward_;
  WeightCopy forward_;
  WeightCopy backward_;
  AlignedVector<float> bias_values_;
  dnnl::memory bias_;
};

}  // namespace gapbench::nn
