// YAML text to a tree.
#pragma once

#include <cstddef>
#include <string>

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// Bounds on what is read, so that a hostile file is refused and not suffered.
inline constexpr std::size_t largest_text = std::size_t{1} << 20;  ///< bytes
inline constexpr std::size_t most_nodes = 200'000;  ///< aliases count in full, long text more
inline constexpr std::size_t most_keys = 1000;      ///< in one block
inline constexpr std::size_t deepest_nesting = 64;

/// Reads one YAML document. Keys given twice become mistakes (the first one stays); text that is
/// not YAML, several documents and exceeded bounds throw at once, with all mistakes so far.
/// `override_number`: which override the text belongs to, 0 for the file.
Node parse_yaml(const std::string& text, std::size_t override_number, Mistakes& mistakes);

}  // namespace gapbench::suite
