// What to do about a failed check.
#pragma once

#include <string_view>

namespace gapbench::plugin::conformance {

/// Of the check of this name, whatever stands before its last ": "; a sentence with its full stop.
/// Empty for a name that has none.
std::string_view remedy_of(std::string_view check);

/// Of what a check was not about: written where it must not, a head whose derivatives differ.
std::string_view remedy_of_violation();
/// Of an exception out of a component.
std::string_view remedy_of_exception();

/// Of a check whose process ended so, see Isolated::how.
std::string_view remedy_of_end(std::string_view how);

}  // namespace gapbench::plugin::conformance
