// Claims of suites that add seeds until they are decided.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compare/rows/aggregate.h"
#include "suite/language/looks.h"

namespace gapbench::compare {

/// The section with the trials of `count` seeds from `first` on.
Section with_seeds(const Section& section, std::uint64_t first, std::size_t count);

/// Whether every row has a trial of each of these seeds, however it ended.
bool has_seeds(const Section& section, std::uint64_t first, std::size_t count);

/// 1 - nominal_level() (looks.h of statistics) of a suite's looks: at this confidence intervals cover
/// at all looks together with probability 1 - alpha. 0.95 for a suite without looks.
double confidence_of(const suite::Looks& looks);

}  // namespace gapbench::compare
