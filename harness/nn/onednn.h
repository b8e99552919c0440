// What the layers need of oneDNN 2.6: one thread, primitives with fixed arguments, layouts.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>
#include <utility>
#include <vector>

#include "nn/network.h"

namespace gapbench::nn {

/// While it lives, oneDNN runs on the calling thread alone. Both the making of a primitive (which
/// partitions the work by omp_get_max_threads()) and its execution happen under one: results then
/// do not depend on the caller's thread count, and workers do not fight over cores.
class SingleThread {
 public:
  SingleThread();
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;
  ~SingleThread();

 private:
  int before_;
};

inline dnnl::memory::dim dim(std::size_t n) { return static_cast<dnnl::memory::dim>(n); }

inline dnnl::memory::data_type data_type(Precision precision) {
  return precision == Precision::bf16 ? dnnl::memory::data_type::bf16
                                      : dnnl::memory::data_type::f32;
}

/// A dense f32 tensor in a named layout.
dnnl::memory::desc f32(dnnl::memory::dims dims, dnnl::memory::format_tag tag);

/// Floats that a tensor takes in its layout, padding included.
std::size_t floats(const dnnl::memory::desc& desc);

std::size_t numbers(const dnnl::memory::desc& desc);
Precision precision(const dnnl::memory::desc& desc);

/// scratchpad_mode::user, and where asked the sum post-op: output += result.
enum class Store { overwrite, add };
dnnl::primitive_attr attributes(Store store);

/// A primitive and the descriptors of its arguments; which of the three is written depends on the
/// kind (forward: output, backward data: input, backward weights: weights).
struct Kernel {
  dnnl::primitive primitive;
  dnnl::memory::desc input;
  dnnl::memory::desc weights;
  dnnl::memory::desc output;
  std::size_t scratch = 0;  ///< floats
};
/// One of oneDNN's slow kernels, for what no other takes.
bool is_reference(const dnnl::primitive_desc& desc);
Kernel forward_kernel(const dnnl::primitive_desc& desc);
Kernel backward_data_kernel(const dnnl::primitive_desc& desc);
Kernel backward_weights_kernel(const dnnl::primitive_desc& desc);
/// From one layout (input) to another (output).
Kernel reorder_kernel(const dnnl::engine& engine, const dnnl::memory::desc& from,
                      const dnnl::memory::desc& to);

/// out = [0 where it begins, else out] + factor R^T R; R [rows, columns], out [columns, columns].
void add_column_gram(std::size_t rows, std::size_t columns, float factor, const float* r,
                     bool begins, float* out);

/// Some columns of a matrix: `count` of the `stride` that a row has.
struct Columns {
  const float* first;
  std::size_t count;
  std::size_t stride;
};
/// out = A^T B; A and B [rows, their columns], out [columns of A, columns of B].
void columns_product(std::size_t rows, const Columns& a, const Columns& b, float* out);

/// out = R R^T; R [rows, columns], out [rows, rows].
void row_gram(std::size_t rows, std::size_t columns, const float* r, float* out);

/// The kernel's scratchpad at `scratch`.
dnnl::memory scratchpad_memory(const Kernel& kernel, const dnnl::engine& engine, float* scratch);

/// One execution with arguments fixed in advance. run() makes no allocation of ours.
/// Thread rule: one thread at a time.
class Call {
 public:
  using Argument = std::pair<int, dnnl::memory>;

  Call() = default;
  static constexpr int left_out = 0;  ///< names an argument that the primitive does not have
  Call(dnnl::primitive primitive, std::initializer_list<Argument> arguments);
  /// Exchanges an argument named at construction.
  void set(int argument, const dnnl::memory& memory);
  void run(const dnnl::stream& stream) const;

 private:
  dnnl::primitive primitive_;
  std::vector<dnnl::memory> memories_;
  std::vector<dnnl_exec_arg_t> arguments_;
};

}  // namespace gapbench::nn
