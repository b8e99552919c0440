// The order in which people expect names.
#pragma once

#include <string_view>

namespace gapbench {

/// Whether a comes before b where runs of digits count as whole numbers: probe_2 before probe_18.
/// Names that differ in leading zeros alone are ordered as texts.
struct NaturalLess {
  using is_transparent = void;

  bool operator()(std::string_view a, std::string_view b) const {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
      const std::string_view x = run(a, i);
      const std::string_view y = run(b, j);
      if (is_digit(x.front()) && is_digit(y.front())) {
        const std::string_view m = without_zeros(x);
        const std::string_view n = without_zeros(y);
        if (m.size() != n.size()) return m.size() < n.size();
        if (m != n) return m < n;
      } else if (x != y) {
        return x < y;
      }
      i += x.size();
      j += y.size();
    }
    if (i == a.size() && j == b.size()) return a < b;
    return i == a.size();
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  /// A run of digits, or one letter.
  static std::string_view run(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    if (is_digit(text[at])) {
      while (end < text.size() && is_digit(text[end])) ++end;
    }
    return text.substr(at, end - at);
  }

  static std::string_view without_zeros(std::string_view digits) {
    const std::size_t first = digits.find_first_not_of('0');
    return first == std::string_view::npos ? std::string_view() : digits.substr(first);
  }
};

}  // namespace gapbench
