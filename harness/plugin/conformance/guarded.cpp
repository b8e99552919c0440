#include "plugin/conformance/guarded.h"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "plugin/conformance/checks.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::size_t marks = 64;
// A signalling NaN: copying it keeps its bits, arithmetic with it makes it a quiet one.
constexpr std::uint32_t mark = 0x7fa0beef;

bool whole(std::span<const float> row) {
  return std::ranges::all_of(row, [](float x) { return std::bit_cast<std::uint32_t>(x) == mark; });
}

}  // namespace

Guarded::Guarded(std::span<const float> values)
    : memory_(values.size() + 2 * marks, std::bit_cast<float>(mark)) {
  std::ranges::copy(values, memory_.begin() + marks);
}

std::span<float> Guarded::values() noexcept {
  return std::span(memory_).subspan(marks, memory_.size() - 2 * marks);
}

void Guarded::require_marks(const std::string& what) const {
  const std::span all(memory_);
  if (!whole(all.first(marks))) throw Violation("writes before the beginning of " + what);
  if (!whole(all.last(marks))) throw Violation("writes past the end of " + what);
}

}  // namespace gapbench::plugin::conformance
