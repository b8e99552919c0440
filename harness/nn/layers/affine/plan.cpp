#include "nn/layers/affine/plan.h"

#include <algorithm>
#include <utility>

#include "nn/layers/affine/gram.h"

namespace gapbench::nn {
namespace {

constexpr std::size_t line = 16;  // floats of 64 bytes

std::size_t to_lines(std::size_t count) { return (count + line - 1) / line * line; }

}  // namespace

AffinePlan::AffinePlan(dnnl::engine engine, AffineKernels kernels)
    : engine_(std::move(engine)), kernels_(std::move(kernels)) {
  const auto& k = kernels_;
  own_ = to_lines(std::max({k.forward.scratch, k.accumulate.scratch, k.backward_data.scratch,
                            k.backward_weights.scratch, k.single.scratch, k.reorder.scratch,
                            k.input_copy.scratch, k.output_copy.scratch}));
  term_ =
      to_lines(std::max(floats(k.backward_data.input), behind_gradient() + to_lines(k.outputs)));
  if (k.output_copy.primitive) operand_ = to_lines(floats(k.output_copy.output));
  if (k.rows.weights()) gathered_ = to_lines(floats(k.backward_weights.input));
  if (k.rows.data()) gathered_ = std::max(gathered_, to_lines(floats(k.backward_data.output)));
  const auto examples = static_cast<std::size_t>(k.input_flow.dims()[0]);
  rows_ = k.patches.rows(examples);
  if (k.gram) rows_ = std::max(rows_, AffineGram::scratch(k.patches));
}

std::size_t AffinePlan::behind_gradient() const noexcept {
  return to_lines(floats(kernels_.backward_weights.weights));
}

}  // namespace gapbench::nn
