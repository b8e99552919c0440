// What the trials were made with, as far as they were not made with the same.
#pragma once

#include <map>
#include <string>

#include "compare/pages/page.h"
#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// A build's line to its letter, "a" for the first by name.
using Builds = std::map<std::string, std::string>;
Builds builds_of(const records::Records& records);

/// "a", "a b" for a row that mixes two.
std::string build_letters(const Row& row, const Builds& builds);

/// The build, or a list where there are several; plugins that come from several libraries; and
/// whether seconds can be compared: processors, threads and company on the machine.
Page setup_notes(const records::Records& records, const Builds& builds);

}  // namespace gapbench::compare
