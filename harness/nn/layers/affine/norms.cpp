#include "nn/layers/affine/norms.h"

#include "nn/layers/sweeps.h"

namespace gapbench::nn {

AffineNorms::Batch::Batch(const dnnl::memory& all) {
  const auto desc = all.get_desc();
  const auto examples = static_cast<std::size_t>(desc.dims()[0]);
  start = static_cast<std::byte*>(all.get_data_handle());
  bytes = desc.get_size() / examples;
  numbers = nn::numbers(desc) / examples;
  precision = nn::precision(desc);
}

double AffineNorms::Batch::squared_norm(std::size_t example) const {
  return with_numbers(precision, [&]<class T>(T) {
    return sweep::squared_norm(static_cast<const T*>(at(example)), numbers);
  });
}

AffineNorms::AffineNorms(const AffinePlan& plan, const Source& x, const Source& dy, float* scratch)
    : x_(x.operand), dy_(dy.operand), bias_(plan.kernels().bias) {
  if (plan.kernels().gram) {
    way_ = Way::gram;
    gram_ = AffineGram(plan.kernels().patches, x.flow, dy.flow, scratch);
  } else if (plan.kernels().single.primitive) {
    way_ = Way::computed;
    make_call(plan, scratch);
  }
}

void AffineNorms::make_call(const AffinePlan& plan, float* scratch) {
  const Kernel& k = plan.kernels().single;
  const dnnl::engine& engine = plan.engine();
  float* const term = plan.term(scratch).data();
  float* const bias = term + plan.behind_gradient();
  gradient_ = {term, floats(k.weights)};
  if (bias_) bias_gradient_ = {bias, plan.kernels().outputs};
  one_x_ = dnnl::memory(k.input, engine, nullptr);
  one_dy_ = dnnl::memory(k.output, engine, nullptr);
  const auto bias_desc = f32({dim(plan.kernels().outputs)}, dnnl::memory::format_tag::a);
  weights_ =
      Call(k.primitive, {{DNNL_ARG_SRC, one_x_},
                         {DNNL_ARG_DIFF_DST, one_dy_},
                         {DNNL_ARG_DIFF_WEIGHTS, {k.weights, engine, term}},
                         {bias_ ? DNNL_ARG_DIFF_BIAS : Call::left_out, {bias_desc, engine, bias}},
                         {DNNL_ARG_SCRATCHPAD, scratchpad_memory(k, engine, scratch)}});
}

void AffineNorms::add(const dnnl::stream& stream, std::span<double> totals) const {
  for (std::size_t i = 0; i < totals.size(); ++i) {
    totals[i] += of(stream, i);
  }
}

double AffineNorms::of(const dnnl::stream& stream, std::size_t example) const {
  switch (way_) {
    case Way::outer:
      return outer(example);
    case Way::gram:
      return gram_.squared_norm(example);
    case Way::computed:
      break;
  }
  return computed(stream, example);
}

double AffineNorms::outer(std::size_t example) const {
  return dy_.squared_norm(example) * (x_.squared_norm(example) + (bias_ ? 1 : 0));
}

// What pads the gradient's layout is 0.
double AffineNorms::computed(const dnnl::stream& stream, std::size_t example) const {
  one_x_.set_data_handle(x_.at(example));
  one_dy_.set_data_handle(dy_.at(example));
  weights_.run(stream);
  return sweep::squared_norm(gradient_.data(), gradient_.size()) +
         sweep::squared_norm(bias_gradient_.data(), bias_gradient_.size());
}

}  // namespace gapbench::nn
