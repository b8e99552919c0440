// Text files read line by line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gapbench::data {

inline constexpr std::string_view blanks = " \t\r\v\f";

/// What a message may show of a field: short, and no control characters.
inline std::string in_quotes(std::string_view field) {
  std::string text;
  for (const char c : field.substr(0, 24)) text += c >= ' ' && c <= '~' ? c : '?';
  return '"' + text + (field.size() > 24 ? "...\"" : "\"");
}

inline std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Calls f(line, number from 1) for the lines that say something; '#' begins one that does not.
template <class F>
void for_each_line(std::string_view text, const F& f) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const auto line = trimmed(text.substr(0, end));
    if (!line.empty() && line.front() != '#') f(line, number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace gapbench::data
