// The parameters that a trial kept, by name.
//
//   end.f32   see trajectory.h
//   end.json  {"schema": 1, "tensors": [{"name": "conv1.weight", "shape": [32, 3, 3, 3]}, ...]},
//             in the order of end.f32; each row-major
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "gapbench/parameters.h"
#include "records/record.h"
#include "records/record_json.h"

namespace gapbench::records {

inline constexpr const char* end_layout_file = "end.json";

/// PyTorch's order: weights [out, in] and [out, in, height, width].
struct NamedTensor {
  std::string name;
  std::vector<std::size_t> shape;
  std::size_t size() const noexcept;
};

struct NamedParameters {
  std::vector<NamedTensor> tensors;  ///< one after another in `values`
  std::vector<float> values;
};

/// Of the numbers of end.f32: parameters by their names, then "NAME.running_mean" and
/// "NAME.running_variance" of each batch normalization, NAME.scale being its scale. Statistics of
/// another number than that are one tensor, "running_statistics".
std::vector<NamedTensor> layout_of(std::span<const TensorInfo> tensors, std::size_t statistics);
Json layout_json(const std::vector<NamedTensor>& tensors);

/// Of a trial that kept them. Throws Error that names the file where one is missing, damaged, or not
/// the one that the summary was written with.
NamedParameters read_parameters(const Record& record);

}  // namespace gapbench::records
