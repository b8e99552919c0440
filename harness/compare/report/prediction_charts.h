// What the charts of predictions are drawn from.
#pragma once

#include <cstddef>

#include "compare/rows/shift.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// Adds a row's bins of confidence to `section`["reliability"], where its trials kept them.
void add_reliability(const Row& row, std::size_t place, records::Json& section);

/// Adds every score of a row under every kind of shift to `section`["shift"], from no shift to the worst.
void add_shift(const Row& row, std::size_t place, const Shifts& shifts, records::Json& section);

}  // namespace gapbench::compare
