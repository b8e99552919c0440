// How many more seeds the open claims are likely to need.
#pragma once

#include <string>

#include "records/record.h"

namespace gapbench::compare {

/// Markdown: for each claim, what it is so far, the chance that it is decided at each look still to
/// come and the expected number of seeds, from the predictive distribution given the seeds so far
/// (outlook.h). A suite without looks is asked what one look at 8, 12, 20 or 40 seeds would say. Words
/// for claims that are decided and for those that cannot be foretold. Reproducible.
std::string plan_text(const records::Records& records);

}  // namespace gapbench::compare
