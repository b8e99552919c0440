// What `compare --by-image` adds to JSON.
#pragma once

#include "compare/rows/aggregate.h"
#include "records/record_json.h"

namespace gapbench::compare {

/// A list of the sections that have outcomes (docs/compare.md, "JSON", key `by_image`).
records::Json by_image_json(const Aggregate& all);

}  // namespace gapbench::compare
