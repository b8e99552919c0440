// Printing that never costs a training.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace gapbench::run {

/// Prints on standard output, at once. What cannot be printed (a full disk, a reader that has gone)
/// is lost, and so is all that comes after it: standard output keeps the mark of its error for the
/// program's end. Never throws.
void say_text(std::string_view text) noexcept;

template <class... T>
void say(fmt::format_string<T...> text, T&&... values) {
  say_text(fmt::format(text, std::forward<T>(values)...));
}

}  // namespace gapbench::run
