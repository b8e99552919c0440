// Shared libraries as files: what can be known before one is mapped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gapbench::plugin {

/// Why these bytes cannot be mapped as a shared library of this machine ("is cut off: ..."), or
/// nothing. Mapping a file whose headers promise more than it holds ends in SIGBUS, not in an
/// error message, so this is asked first.
std::optional<std::string> library_damage(std::span<const unsigned char> file);

/// The names of what a library imports and exports, each between zeros; empty where it has no sections.
/// Of bytes in which library_damage() finds nothing.
std::string_view symbol_names(std::span<const unsigned char> file);

}  // namespace gapbench::plugin
