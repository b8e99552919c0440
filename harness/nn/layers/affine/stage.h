// The four passes of a linear or convolution layer.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "nn/layer.h"
#include "nn/layers/affine/factors.h"
#include "nn/layers/affine/norms.h"
#include "nn/layers/affine/operand.h"
#include "nn/layers/affine/plan.h"
#include "nn/onednn.h"

namespace gapbench::nn {

class AffineStage final : public Stage {
 public:
  AffineStage(const AffinePlan& plan, const Flow& input, const Flow& output, Bench& bench);

  void forward(const Weights& w, Mode mode) override;
  void backward(const Weights& w, std::span<float> out) override;
  void tangent_forward(const Weights& w, const Weights& v) override;
  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override;
  void add_example_norms(std::span<double> totals) override;
  void list_factors(std::vector<const KroneckerFactors*>& all) const override {
    all.push_back(&factors_);
  }

 private:
  void make_forward_calls(const AffinePlan& plan, const Flow& y);
  void make_data_calls(const AffinePlan& plan, const Flow& x);
  void make_weight_calls(const AffinePlan& plan, Bench& bench);
  /// Says where the weight gradient goes; returns where its kernel writes it.
  float* aim(std::span<float> out);
  void deliver(std::span<float> out);
  /// Rows of x, or of dy, into rows_; nothing where the pass does without.
  void gather_for_forward(const void* x) const;
  void gather_for_weights(const void* x) const;
  void gather_for_data(const void* dy) const;
  void add_term_to_input();
  bool has_bias() const noexcept { return !bias_gradient_.empty(); }

  dnnl::engine engine_;
  dnnl::stream stream_;
  bool varies_;
  float* scratch_;
  const void* x_value_;
  const void* x_tangent_;
  const void* y_cotangent_;
  const void* y_cotangent_tangent_;
  RowProducts products_;
  std::size_t examples_;
  float* rows_;  ///< gathered, in scratch
  Precision input_precision_;
  std::size_t input_numbers_;
  void* input_cotangent_tangent_;
  std::span<float> term_;           ///< second term of (dx)' or (dW)'
  std::span<float> gradient_;       ///< dW in its kernel's layout; empty where that is plain
  std::span<float> bias_gradient_;  ///< empty without bias
  dnnl::memory plain_gradient_;     ///< at the caller's `out`
  std::size_t gradient_floats_;

  Operand x_, moved_x_;    ///< kept from the forward passes
  Operand dy_, moved_dy_;  ///< in scratch: loaded by every pass that reads them
  Call forward_, tangent_of_weights_, tangent_of_input_;
  Call data_, data_tangent_, data_of_direction_;
  Call weights_, weights_tangent_, weights_of_tangent_input_;
  Call reorder_;
  AffineNorms norms_;
  AffineFactors factors_;
};

}  // namespace gapbench::nn
