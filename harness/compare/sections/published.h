// Numbers from the literature beside ours.
#pragma once

#include <string>
#include <vector>

#include "compare/rows/columns.h"

namespace gapbench::compare {

/// What the suites say was published of this row's metric; nothing where they say nothing.
const suite::Published* published_of(const records::Records& records, const Row& row,
                                     const Column& column);

/// "95.20 ± 0.10 (n=5) [2]", the number of its source in `sources`, to which new ones are added.
/// Nothing where no row of the section has a published number of this column.
std::optional<Cells> published_cells(const records::Records& records, const Section& section,
                                     const Column& column, std::vector<std::string>& sources);

}  // namespace gapbench::compare
