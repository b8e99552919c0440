#include "nn/layers/affine/stage.h"

#include <algorithm>
#include <utility>

#include "nn/layers/affine/weights.h"
#include "nn/layers/sweeps.h"

namespace gapbench::nn {
namespace {

const AffineWeights& own(const Weights& w) { return static_cast<const AffineWeights&>(w); }

}  // namespace

AffineStage::AffineStage(const AffinePlan& plan, const Flow& input, const Flow& output,
                         Bench& bench)
    : engine_(plan.engine()),
      stream_(bench.stream),
      varies_(input.varies()),
      scratch_(bench.scratch),
      x_value_(input.value),
      x_tangent_(input.tangent),
      y_cotangent_(output.cotangent),
      y_cotangent_tangent_(output.cotangent_tangent),
      products_(plan.kernels().rows),
      examples_(bench.examples),
      rows_(plan.gathered(bench.scratch)),
      input_precision_(precision(plan.kernels().input_flow)),
      input_numbers_(numbers(plan.kernels().input_flow)),
      input_cotangent_tangent_(input.cotangent_tangent),
      term_(plan.term(bench.scratch)),
      gradient_floats_(floats(plan.kernels().backward_weights.weights)),
      factors_(plan.kernels().patches, input, output, bench) {
  const Kernel& in = plan.kernels().input_copy;
  const Kernel& out = plan.kernels().output_copy;
  const auto kept = [&] { return in.primitive ? bench.arena.floats(floats(in.output)) : nullptr; };
  x_ = Operand(engine_, in, input.value, kept(), scratch_);
  if (varies_) moved_x_ = Operand(engine_, in, input.tangent, kept(), scratch_);
  dy_ = Operand(engine_, out, output.cotangent, plan.operand(scratch_, 0), scratch_);
  moved_dy_ = Operand(engine_, out, output.cotangent_tangent, plan.operand(scratch_, 1), scratch_);
  make_forward_calls(plan, output);
  if (varies_) make_data_calls(plan, input);
  make_weight_calls(plan, bench);
  norms_ =
      AffineNorms(plan, {x_.memory(), input.value}, {dy_.memory(), output.cotangent}, scratch_);
}

// Weights and biases are exchanged at every call; an empty memory stands for them here.
void AffineStage::make_forward_calls(const AffinePlan& plan, const Flow& y) {
  const Kernel& k = plan.kernels().forward;
  const auto source = [&](const Operand& x, const Kernel& of) {
    return products_.forward() ? dnnl::memory(of.input, engine_, rows_) : x.memory();
  };
  const int bias_argument = plan.kernels().bias ? DNNL_ARG_BIAS : Call::left_out;
  const auto call = [&](void* to) {
    return Call(k.primitive, {{DNNL_ARG_SRC, source(x_, k)},
                              {DNNL_ARG_WEIGHTS, {}},
                              {bias_argument, {}},
                              {DNNL_ARG_DST, {k.output, engine_, to}},
                              {DNNL_ARG_SCRATCHPAD, scratchpad_memory(k, engine_, scratch_)}});
  };
  forward_ = call(y.value);
  tangent_of_weights_ = call(y.tangent);
  if (!varies_) return;
  const Kernel& a = plan.kernels().accumulate;
  tangent_of_input_ =
      Call(a.primitive, {{DNNL_ARG_SRC, source(moved_x_, a)},
                         {DNNL_ARG_WEIGHTS, {}},
                         {DNNL_ARG_DST, {a.output, engine_, y.tangent}},
                         {DNNL_ARG_SCRATCHPAD, scratchpad_memory(a, engine_, scratch_)}});
}

void AffineStage::make_data_calls(const AffinePlan& plan, const Flow& x) {
  const Kernel& k = plan.kernels().backward_data;
  const bool rows = products_.data();
  const auto call = [&](const Operand& from, void* to) {
    const auto given = rows ? dnnl::memory(k.output, engine_, rows_) : from.memory();
    return Call(k.primitive, {{rows ? DNNL_ARG_SRC : DNNL_ARG_DIFF_DST, given},
                              {DNNL_ARG_WEIGHTS, {}},
                              {rows ? DNNL_ARG_DST : DNNL_ARG_DIFF_SRC, {k.input, engine_, to}},
                              {DNNL_ARG_SCRATCHPAD, scratchpad_memory(k, engine_, scratch_)}});
  };
  data_ = call(dy_, x.cotangent);
  data_tangent_ = call(moved_dy_, x.cotangent_tangent);
  data_of_direction_ = call(dy_, term_.data());
}

void AffineStage::make_weight_calls(const AffinePlan& plan, Bench& bench) {
  const AffineKernels& kernels = plan.kernels();
  const Kernel& k = kernels.backward_weights;
  plain_gradient_ = dnnl::memory(kernels.plain, engine_, nullptr);
  dnnl::memory gradient = plain_gradient_;
  if (kernels.reorder.primitive) {
    gradient_ = {bench.arena.floats(gradient_floats_), gradient_floats_};
    gradient = dnnl::memory(k.weights, engine_, gradient_.data());
    reorder_ = Call(kernels.reorder.primitive,
                    {{DNNL_ARG_FROM, gradient},
                     {DNNL_ARG_TO, plain_gradient_},
                     {DNNL_ARG_SCRATCHPAD, scratchpad_memory(kernels.reorder, engine_, scratch_)}});
  }
  const int bias_argument = kernels.bias ? DNNL_ARG_DIFF_BIAS : Call::left_out;
  if (kernels.bias) bias_gradient_ = {bench.arena.floats(kernels.outputs), kernels.outputs};
  const auto bias_desc = f32({dim(kernels.outputs)}, dnnl::memory::format_tag::a);
  const auto memory_of = [&](const Operand& operand, const dnnl::memory::desc& desc, float* rows) {
    if (!products_.weights()) return operand.memory();
    return dnnl::memory(desc, engine_, rows != nullptr ? rows : operand.memory().get_data_handle());
  };
  const auto call = [&](const Operand& input, const Operand& output, const dnnl::memory& to,
                        float* bias) {
    return Call(k.primitive, {{DNNL_ARG_SRC, memory_of(input, k.input, rows_)},
                              {DNNL_ARG_DIFF_DST, memory_of(output, k.output, nullptr)},
                              {DNNL_ARG_DIFF_WEIGHTS, to},
                              {bias_argument, {bias_desc, engine_, bias}},
                              {DNNL_ARG_SCRATCHPAD, scratchpad_memory(k, engine_, scratch_)}});
  };
  weights_ = call(x_, dy_, gradient, bias_gradient_.data());
  weights_tangent_ = call(x_, moved_dy_, gradient, bias_gradient_.data());
  if (varies_) {
    weights_of_tangent_input_ = call(moved_x_, dy_, dnnl::memory(k.weights, engine_, term_.data()),
                                     term_.data() + plan.behind_gradient());
  }
}

void AffineStage::forward(const Weights& w, Mode) {
  x_.load(stream_);
  gather_for_forward(x_value_);
  forward_.set(DNNL_ARG_WEIGHTS, own(w).forward());
  if (has_bias()) forward_.set(DNNL_ARG_BIAS, own(w).bias());
  forward_.run(stream_);
}

void AffineStage::backward(const Weights& w, std::span<float> out) {
  dy_.load(stream_);
  if (varies_) {
    gather_for_data(y_cotangent_);
    data_.set(DNNL_ARG_WEIGHTS, own(w).backward());
    data_.run(stream_);
  }
  if (out.empty()) return;
  aim(out);
  gather_for_weights(x_value_);
  weights_.run(stream_);
  deliver(out);
}

void AffineStage::add_example_norms(std::span<double> totals) {
  dy_.load(stream_);
  norms_.add(stream_, totals);
}

void AffineStage::tangent_forward(const Weights& w, const Weights& v) {
  gather_for_forward(x_value_);
  tangent_of_weights_.set(DNNL_ARG_WEIGHTS, own(v).forward());
  if (has_bias()) tangent_of_weights_.set(DNNL_ARG_BIAS, own(v).bias());
  tangent_of_weights_.run(stream_);
  if (!varies_) return;
  moved_x_.load(stream_);
  gather_for_forward(x_tangent_);
  tangent_of_input_.set(DNNL_ARG_WEIGHTS, own(w).forward());
  tangent_of_input_.run(stream_);
}

void AffineStage::tangent_backward(const Weights& w, const Weights& v, std::span<float> out) {
  float* const gradient = aim(out);
  moved_dy_.load(stream_);
  gather_for_weights(x_value_);
  weights_tangent_.run(stream_);
  if (varies_) {
    dy_.load(stream_);
    gather_for_weights(x_tangent_);
    weights_of_tangent_input_.run(stream_);
    sweep::add(term_.data(), gradient, gradient_floats_);
    gather_for_data(y_cotangent_tangent_);
    data_tangent_.set(DNNL_ARG_WEIGHTS, own(w).backward());
    data_tangent_.run(stream_);
    gather_for_data(y_cotangent_);
    data_of_direction_.set(DNNL_ARG_WEIGHTS, own(v).backward());
    data_of_direction_.run(stream_);
    add_term_to_input();
  }
  deliver(out);
}

void AffineStage::add_term_to_input() {
  with_numbers(input_precision_, [this]<class T>(T) {
    sweep::add(reinterpret_cast<const T*>(term_.data()), static_cast<T*>(input_cotangent_tangent_),
               input_numbers_);
  });
}

void AffineStage::gather_for_forward(const void* x) const {
  if (products_.forward()) copy_patches(products_.of_input(), x, examples_, rows_);
}

void AffineStage::gather_for_weights(const void* x) const {
  if (products_.weights()) copy_patches(products_.of_input(), x, examples_, rows_);
}

void AffineStage::gather_for_data(const void* dy) const {
  if (products_.data()) copy_patches(products_.of_output(), dy, examples_, rows_);
}

float* AffineStage::aim(std::span<float> out) {
  plain_gradient_.set_data_handle(out.data());
  return gradient_.empty() ? out.data() : gradient_.data();
}

void AffineStage::deliver(std::span<float> out) {
  if (!gradient_.empty()) reorder_.run(stream_);
  std::ranges::copy(bias_gradient_, out.last(bias_gradient_.size()).begin());
}

}  // namespace gapbench::nn
