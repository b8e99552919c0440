// What an optimizer keeps between steps, saved and restored by one symmetric function.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gapbench/export.h"

namespace gapbench {

/// A visitor over state. Writing it copies the fields out, reading it overwrites them; the
/// optimizer's `archive` names each field once and does not know which of the two happens:
///
///   void archive(State& s) override { s.field("velocity", velocity_); s.field("steps", steps_); }
///
/// Names are unique within one component. Reading throws Error when a field is missing or has
/// another length. Bit-exact. One thread at a time.
class GAPBENCH_API State {
 public:
  virtual ~State();

  virtual void field(std::string_view name, std::span<float> values) = 0;
  virtual void field(std::string_view name, double& value) = 0;
  virtual void field(std::string_view name, std::uint64_t& value) = 0;
};

/// Another component's fields under names of their own: `prefix` stands before each. `state` must
/// outlive it.
class GAPBENCH_API PrefixedState final : public State {
 public:
  PrefixedState(State& state, std::string prefix);
  ~PrefixedState() override;

  void field(std::string_view name, std::span<float> values) override;
  void field(std::string_view name, double& value) override;
  void field(std::string_view name, std::uint64_t& value) override;

 private:
  State& state_;
  std::string prefix_;
};

}  // namespace gapbench
