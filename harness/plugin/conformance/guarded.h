// Memory handed to a component, with marks on both sides of it.
#pragma once

#include <span>
#include <string>

#include "plugin/conformance/numbers.h"

namespace gapbench::plugin::conformance {

/// A vector between two rows of marks, which are NaN: whoever reads past its end gets NaN, whoever
/// writes there is found out.
class Guarded {
 public:
  explicit Guarded(std::span<const float> values);
  explicit Guarded(std::size_t size) : Guarded(Vector(size)) {}

  std::span<float> values() noexcept;
  /// Throws Violation, "writes past the end of <what>", where a mark is gone.
  void require_marks(const std::string& what) const;

 private:
  Vector memory_;
};

}  // namespace gapbench::plugin::conformance
