// What the kernels of a product read.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

#include "nn/onednn.h"

namespace gapbench::nn {

/// A flow in the layout and precision that a kernel wants: the flow's own memory where that serves,
/// else a copy which load() brings up to date.
class Operand {
 public:
  Operand() = default;

  /// `copy` is empty where the flow serves; the copy lies at `room`, else unused.
  Operand(const dnnl::engine& engine, const Kernel& copy, void* flow, float* room, float* scratch) {
    if (!copy.primitive) {
      memory_ = dnnl::memory(copy.output, engine, flow);
      return;
    }
    memory_ = dnnl::memory(copy.output, engine, room);
    copy_ = Call(copy.primitive, {{DNNL_ARG_FROM, dnnl::memory(copy.input, engine, flow)},
                                  {DNNL_ARG_TO, memory_},
                                  {DNNL_ARG_SCRATCHPAD, scratchpad_memory(copy, engine, scratch)}});
    copied_ = true;
  }

  void load(const dnnl::stream& stream) const {
    if (copied_) copy_.run(stream);
  }
  const dnnl::memory& memory() const noexcept { return memory_; }

 private:
  dnnl::memory memory_;
  Call copy_;
  bool copied_ = false;
};

}  // namespace gapbench::nn
