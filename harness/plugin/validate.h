// Whether what a library exports holds together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gapbench/plugin.h"

namespace gapbench::plugin {

/// Lower-case letters, digits and single underscores between them, starting with a letter.
bool is_lower_snake_case(std::string_view text);

/// Everything wrong with a component's constant data, one line each: names, the factory that fits
/// the kind, options (unique names, sensible ranges, defaults and choices), an example that parses
/// and is in range. Calls no plugin function.
std::vector<std::string> mistakes_in(const Component& component);

/// Throws Error(where, ...) with all mistakes of all components, and for names that come twice.
void require_valid(const PluginDescriptor& descriptor, const std::string& where);

}  // namespace gapbench::plugin
