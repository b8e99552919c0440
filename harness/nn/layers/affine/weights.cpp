#include "nn/layers/affine/weights.h"

#include <algorithm>
#include <cassert>

namespace gapbench::nn {
namespace {

// set_data_handle takes a mutable pointer; the primitives only read weights.
void point_at(const dnnl::memory& memory, const float* values) {
  memory.set_data_handle(const_cast<float*>(values));
}

}  // namespace

WeightCopy::WeightCopy(const dnnl::engine& engine, const dnnl::memory::desc& plain,
                       const dnnl::memory::desc& layout)
    : copied_(layout != plain) {
  if (!copied_) {
    memory_ = dnnl::memory(plain, engine, nullptr);
    return;
  }
  values_.resize(floats(layout));
  memory_ = dnnl::memory(layout, engine, values_.data());
  const dnnl::reorder::primitive_desc desc(engine, plain, engine, layout);
  reorder_ = Call(dnnl::reorder(desc),
                  {{DNNL_ARG_FROM, dnnl::memory(plain, engine, nullptr)}, {DNNL_ARG_TO, memory_}});
}

void WeightCopy::assign(const dnnl::memory& plain, const dnnl::stream& stream) {
  if (!copied_) {
    memory_.set_data_handle(plain.get_data_handle());
    return;
  }
  reorder_.set(DNNL_ARG_FROM, plain);
  reorder_.run(stream);
}

AffineWeights::AffineWeights(const dnnl::engine& engine, const AffineLayouts& layouts,
                             std::size_t biases)
    : stream_(engine),
      plain_(layouts.plain, engine, nullptr),
      plain_for_backward_(layouts.plain_for_backward, engine, nullptr),
      forward_(engine, layouts.plain, layouts.forward),
      backward_(engine, layouts.plain_for_backward, layouts.backward),
      bias_values_(biases) {
  if (biases == 0) return;
  bias_ = {f32({dim(biases)}, dnnl::memory::format_tag::a), engine, bias_values_.data()};
}

void AffineWeights::assign(std::span<const float> values) {
  assert(values.size() == floats(plain_.get_desc()) + bias_values_.size());
  point_at(plain_, values.data());
  point_at(plain_for_backward_, values.data());
  forward_.assign(plain_, stream_);
  backward_.assign(plain_for_backward_, stream_);
  std::ranges::copy(values.last(bias_values_.size()), bias_values_.begin());
}

}  // namespace gapbench::nn
