// What standard output is shown on.
#pragma once

#include <optional>

#include "compare/pages/page.h"

namespace gapbench::cli {

/// The terminal that standard output is: its width (else of COLUMNS, else 80), bold unless NO_COLOR is
/// set or TERM is dumb. Nothing where it is a file or a pipe.
std::optional<compare::TerminalStyle> terminal();

}  // namespace gapbench::cli
