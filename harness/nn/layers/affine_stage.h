// The four passes of a linear or convolution layer.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>
#include <span>

#include "nn/layer.h"
#include "nn/layers/operand.h"
#include "nn/onednn.h"

namespace gapbench::nn {

struct AffineKernels {
  Kernel forward;     ///< y = P(x, W) + b
  Kernel accumulate;  ///< y += P(x, W)
  Kernel backward_data;
  Kernel backward_weights;
  Kernel input_copy;              ///< x as an operand; empty where the flow serves
  Kernel output_copy;             ///< dy as an operand; empty where the flow serves
  dnnl::memory::desc input_flow;  ///< of x and its companions
  dnnl::memory::desc plain;       ///< of the weights
  Kernel reorder;                 ///< gradient layout to plain; empty where they are the same
  std::size_t outputs = 0;        ///< channels
  bool bias = true;
};

class AffinePlan final : public Plan {
 public:
  AffinePlan(dnnl::engine engine, AffineKernels kernels);

  /// The primitives' own scratchpad, room for one term of a two-term sum, dy and its tangent as
  /// operands.
  std::size_t scratch() const noexcept override { return own_ + term_ + 2 * operand_; }
  std::span<float> term(float* scratch) const noexcept { return {scratch + own_, term_}; }
  float* operand(float* scratch, std::size_t k) const noexcept {
    return scratch + own_ + term_ + k * operand_;
  }
  const dnnl::engine& engine() const noexcept { return engine_; }
  const AffineKernels& kernels() const noexcept { return kernels_; }

 private:
  dnnl::engine engine_;
  AffineKernels kernels_;
  std::size_t own_ = 0;
  std::size_t term_ = 0;
  std::size_t operand_ = 0;
};

class AffineStage final : public Stage {
 public:
  AffineStage(const AffinePlan& plan, const Flow& input, const Flow& output, Bench& bench);

  void forward(const Weights& w, Mode mode) override;
  void backward(const Weights& w, std::span<float> out) override;
  void tangent_forward(const Weights& w, const Weights& v) override;
  void tangent_backward(const Weights& w, const Weights& v, std::span<float> out) override;

 private:
  void make_forward_calls(const AffinePlan& plan, const Flow& y);
  void make_data_calls(const AffinePlan& plan, const Flow& x);
  void make_weight_calls(const AffinePlan& plan, Bench& bench);
  /// Says where the weight gradient goes; returns where its kernel writes it.
  float* aim(std::span<float> out);
  void deliver(std::span<float> out);
  void add_term_to_input();
  bool has_bias() const noexcept { return !bias_gradient_.empty(); }

  dnnl::engine engine_;
  dnnl::stream stream_;
  bool varies_;
  float* scratch_;
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
};

}  // namespace gapbench::nn
