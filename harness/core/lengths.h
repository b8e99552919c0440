// Spans of a question, checked where it is asked.
#pragma once

#include <cstddef>
#include <string_view>

#include "gapbench/export.h"

namespace gapbench {

[[noreturn]] GAPBENCH_API void refuse_length(std::string_view question, std::string_view span,
                                             std::size_t given, std::size_t right);

/// Throws Error(question, "out has 3 numbers, must have 10") where the two differ: also in release
/// builds, since a span of a plugin that is too short would be written past its end.
inline void require_length(std::string_view question, std::string_view span, std::size_t given,
                           std::size_t right) {
  if (given != right) refuse_length(question, span, given, right);
}
/// The same for one that may be empty.
inline void require_length_or_none(std::string_view question, std::string_view span,
                                   std::size_t given, std::size_t right) {
  if (given != 0) require_length(question, span, given, right);
}

}  // namespace gapbench
