#include "nn/onednn.h"

#include <omp.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace gapbench::nn {
namespace {

constexpr const char* failed_product = "a matrix product could not be computed";

}  // namespace

SingleThread::SingleThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
SingleThread::~SingleThread() { omp_set_num_threads(before_); }

dnnl::memory::desc f32(dnnl::memory::dims dims, dnnl::memory::format_tag tag) {
  return {dims, dnnl::memory::data_type::f32, tag};
}

std::size_t floats(const dnnl::memory::desc& desc) {
  return (desc.get_size() + sizeof(float) - 1) / sizeof(float);
}

std::size_t numbers(const dnnl::memory::desc& desc) {
  std::size_t product = 1;
  for (const auto extent : desc.dims()) product *= static_cast<std::size_t>(extent);
  return product;
}

Precision precision(const dnnl::memory::desc& desc) {
  return desc.data_type() == dnnl::memory::data_type::bf16 ? Precision::bf16 : Precision::f32;
}

dnnl::primitive_attr attributes(Store store) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (store == Store::add) {
    dnnl::post_ops sum;
    sum.append_sum();
    attributes.set_post_ops(sum);
  }
  return attributes;
}

bool is_reference(const dnnl::primitive_desc& desc) {
  return std::strncmp(desc.impl_info_str(), "ref", 3) == 0;
}

Kernel forward_kernel(const dnnl::primitive_desc& desc) {
  return {dnnl::primitive(desc), desc.src_desc(), desc.weights_desc(), desc.dst_desc(),
          floats(desc.scratchpad_desc())};
}

Kernel backward_data_kernel(const dnnl::primitive_desc& desc) {
  return {dnnl::primitive(desc), desc.diff_src_desc(), desc.weights_desc(), desc.diff_dst_desc(),
          floats(desc.scratchpad_desc())};
}

Kernel backward_weights_kernel(const dnnl::primitive_desc& desc) {
  return {dnnl::primitive(desc), desc.src_desc(), desc.diff_weights_desc(), desc.diff_dst_desc(),
          floats(desc.scratchpad_desc())};
}

Kernel reorder_kernel(const dnnl::engine& engine, const dnnl::memory::desc& from,
                      const dnnl::memory::desc& to) {
  const dnnl::reorder::primitive_desc desc(engine, from, engine, to, attributes(Store::overwrite));
  return {dnnl::reorder(desc), from, {}, to, floats(desc.scratchpad_desc())};
}

void add_column_gram(std::size_t rows, std::size_t columns, float factor, const float* r,
                     bool begins, float* out) {
  const auto n = dim(columns);
  dnnl::error::wrap_c_api(
      dnnl_sgemm('T', 'N', n, n, dim(rows), factor, r, n, r, n, begins ? 0.0F : 1.0F, out, n),
      failed_product);
}

void columns_product(std::size_t rows, const Columns& a, const Columns& b, float* out) {
  dnnl::error::wrap_c_api(dnnl_sgemm('T', 'N', dim(a.count), dim(b.count), dim(rows), 1, a.first,
                                     dim(a.stride), b.first, dim(b.stride), 0, out, dim(b.count)),
                          failed_product);
}

void row_gram(std::size_t rows, std::size_t columns, const float* r, float* out) {
  const auto n = dim(rows);
  const auto k = dim(columns);
  dnnl::error::wrap_c_api(dnnl_sgemm('N', 'T', n, n, k, 1, r, k, r, k, 0, out, n), failed_product);
}

dnnl::memory scratchpad_memory(const Kernel& kernel, const dnnl::engine& engine, float* scratch) {
  const auto bytes = dim(kernel.scratch * sizeof(float));
  return {{{bytes}, dnnl::memory::data_type::u8, dnnl::memory::format_tag::a}, engine, scratch};
}

Call::Call(dnnl::primitive primitive, std::initializer_list<Argument> arguments)
    : primitive_(std::move(primitive)) {
  for (const auto& [name, memory] : arguments) {
    if (name == left_out) continue;
    memories_.push_back(memory);
    arguments_.push_back({name, memory.get(true)});
  }
}

void Call::set(int argument, const dnnl::memory& memory) {
  const auto at = std::find_if(arguments_.begin(), arguments_.end(),
                               [&](const dnnl_exec_arg_t& a) { return a.arg == argument; });
  assert(at != arguments_.end());
  at->memory = memory.get();
}

void Call::run(const dnnl::stream& stream) const {
  dnnl::error::wrap_c_api(
      dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                             arguments_.data()),
      "a primitive could not be executed");
}

}  // namespace gapbench::nn
