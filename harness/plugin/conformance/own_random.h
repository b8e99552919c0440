// Random numbers that do not come from the harness, as the file of a library shows them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "plugin/conformance.h"

namespace gapbench::plugin::conformance {

/// "rand", "std::random_device", "std::mt19937" and the like that a library imports by these `names`,
/// each between zeros, or whose constants its `bytes` hold; empty for none. A generator written by hand
/// is not seen.
std::string own_random_numbers(std::string_view names, std::string_view bytes);

/// That as a check of the library: a note, as a generator that is seeded from the harness's numbers
/// in each step is right.
void check_random_numbers(const std::filesystem::path& library, const CheckOptions& options);

}  // namespace gapbench::plugin::conformance
