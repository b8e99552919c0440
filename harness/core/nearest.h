// Suggestions for misspelled names.
#pragma once

#include <algorithm>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gapbench {

/// Single-character insertions, deletions and substitutions that turn a into b (Levenshtein 1966).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, substitution});
      diagonal = above;
    }
  }
  return row[b.size()];
}

/// "; did you mean \"momentum\"?" for a near miss, "; valid: a, b, c" for a far one, "" where
/// there is nothing to choose from. Appended to an error message.
inline std::string did_you_mean(std::string_view given, std::span<const std::string> valid) {
  if (valid.empty()) return "";
  const auto nearest =
      std::min_element(valid.begin(), valid.end(), [&](const auto& x, const auto& y) {
        return edit_distance(given, x) < edit_distance(given, y);
      });
  if (edit_distance(given, *nearest) <= std::max<std::size_t>(2, nearest->size() / 3)) {
    return "; did you mean \"" + *nearest + "\"?";
  }
  std::string list = "; valid: ";
  for (const std::string& name : valid) list += (&name == valid.data() ? "" : ", ") + name;
  return list;
}

}  // namespace gapbench
