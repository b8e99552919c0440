// Optimizer state as one bit-exact blob: what checkpoints are made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "gapbench/state.h"

namespace gapbench {

/// Collects the fields an `archive` names.
///
///   blob  = "gapbench-state 1\n" field*
///   field = kind (1 byte: f, d or u)  length of the name (u64)  name  count (u64)  values
///
/// Numbers are in the machine's own byte order: a blob does not leave the kind of machine it was
/// made on. Throws Error(where, ...) when a name comes twice.
class StateWriter final : public State {
 public:
  explicit StateWriter(std::string where);

  void field(std::string_view name, std::span<float> values) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::uint64_t& value) override;

  const std::string& blob() const noexcept { return blob_; }

 private:
  void append(char kind, std::string_view name, const void* values, std::size_t count,
              std::size_t width);

  std::string where_;
  std::string blob_;
  std::map<std::string, char, std::less<>> names_;
};

/// Gives the fields back. `blob` must outlive the reader. Throws Error(where, ...) when the blob is
/// damaged, and when a field is missing or has another kind or length; the value is untouched then.
class StateReader final : public State {
 public:
  StateReader(std::string where, std::string_view blob);

  void field(std::string_view name, std::span<float> values) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::uint64_t& value) override;

  /// Throws Error when the blob holds a field that nobody asked for.
  void finish() const;

 private:
  struct Field {
    char kind;
    std::size_t count;
    std::string_view bytes;
    bool read = false;
  };
  void copy(char kind, std::string_view name, void* values, std::size_t count);

  std::string where_;
  std::map<std::string, Field, std::less<>> fields_;
};

}  // namespace gapbench
