// The flat parameter vector and the tensors in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gapbench {

/// weight: a matrix or filter bank; bias: added to outputs; scale, shift: of a normalization.
enum class TensorKind : std::uint8_t { weight, bias, scale, shift };

/// One tensor of the flat vector: elements [offset, offset + size), row-major over `shape`.
/// Linear weights are [out, in], convolution weights [out, in, height, width] (PyTorch's order).
/// Tensors lie one after another without gaps, so dimension = the sum of all sizes.
struct TensorInfo {
  std::string name;  ///< "conv1.weight"; unique within a problem
  TensorKind kind = TensorKind::weight;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// Read-only view of all parameters of a problem. f32, length = dimension.
struct Parameters {
  std::span<const float> values;
  std::span<const TensorInfo> tensors;
};

}  // namespace gapbench
