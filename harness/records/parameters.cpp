#include "records/parameters.h"

#include <fmt/format.h>

#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "gapbench/error.h"
#include "records/json_reason.h"
#include "records/kept.h"
#include "records/trajectory.h"

namespace gapbench::records {
namespace {

namespace fs = std::filesystem;

/// Running statistics lie as mean and variance of one batch normalization after the other, in the
/// order of their scales.
std::vector<NamedTensor> statistics_of(std::span<const TensorInfo> tensors, std::size_t size) {
  constexpr std::string_view ending = ".scale";
  std::vector<NamedTensor> named;
  std::size_t named_size = 0;
  for (const TensorInfo& tensor : tensors) {
    if (tensor.kind != TensorKind::scale || !tensor.name.ends_with(ending)) continue;
    const std::string layer = tensor.name.substr(0, tensor.name.size() - ending.size());
    named.push_back({layer + ".running_mean", tensor.shape});
    named.push_back({layer + ".running_variance", tensor.shape});
    named_size += 2 * tensor.size;
  }
  if (size == 0) return {};
  if (named_size == size) return named;
  return {{"running_statistics", {size}}};
}

std::vector<NamedTensor> parse_layout(const fs::path& file, const std::string& text) {
  std::vector<NamedTensor> tensors;
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != record_schema) throw Error(file.string(), "has another schema");
    for (const Json& tensor : json.at("tensors")) {
      tensors.push_back({tensor.at("name").get<std::string>(),
                         tensor.at("shape").get<std::vector<std::size_t>>()});
    }
  } catch (const Json::exception& e) {
    throw Error(file.string(), "is no list of tensors: " + json_reason(e.what()));
  }
  return tensors;
}

}  // namespace

std::size_t NamedTensor::size() const noexcept {
  return std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
}

std::vector<NamedTensor> layout_of(std::span<const TensorInfo> tensors, std::size_t statistics) {
  std::vector<NamedTensor> named;
  for (const TensorInfo& tensor : tensors) named.push_back({tensor.name, tensor.shape});
  for (NamedTensor& t : statistics_of(tensors, statistics)) named.push_back(std::move(t));
  return named;
}

Json layout_json(const std::vector<NamedTensor>& tensors) {
  Json list = Json::array();
  for (const NamedTensor& t : tensors) list.push_back({{"name", t.name}, {"shape", t.shape}});
  return {{"schema", record_schema}, {"tensors", std::move(list)}};
}

NamedParameters read_parameters(const Record& record) {
  NamedParameters all;
  const char* hint = "a suite with record: {parameters: true} keeps it";
  all.tensors =
      parse_layout(record.folder / end_layout_file, read_kept_file(record, end_layout_file, hint));
  const std::string bytes = read_kept_file(record, end_file, hint);
  std::size_t size = 0;
  for (const NamedTensor& t : all.tensors) size += t.size();
  if (size * sizeof(float) != bytes.size()) {
    throw Error(
        (record.folder / end_file).string(),
        fmt::format("holds {} bytes, its tensors take {}", bytes.size(), size * sizeof(float)));
  }
  all.values.resize(size);
  if (size > 0) std::memcpy(all.values.data(), bytes.data(), bytes.size());
  return all;
}

}  // namespace gapbench::records
