// Whose seconds can be compared.
#pragma once

#include <initializer_list>
#include <string>

#include "compare/rows/aggregate.h"

namespace gapbench::compare {

/// A trial whose threads had a processor for less than this share of the training's wall time waited
/// for others: its seconds are theirs, too.
inline constexpr double loaded_share = 0.8;

/// CPU seconds over wall seconds and threads of training fall below loaded_share. Of trainings of a
/// tenth of a second and more: shorter ones are mostly start.
bool under_load(const records::Record& record);

/// How many of the row's finished trials were.
std::size_t under_load(const Row& row);

/// Why seconds of these rows are no measure of one against the other: "on 2 processors (A, B)", "with
/// 1 and 2 threads", "3 of 10 trials under load". Empty where they are; finished trials only.
std::string why_not_timed(std::initializer_list<const Row*> rows);

/// Of the rows of a section against its baseline: "adam: on 2 processors (A, B)"; for each where there
/// is a reason.
std::vector<std::string> untimed_rows(const Section& section, const std::string& baseline);

}  // namespace gapbench::compare
