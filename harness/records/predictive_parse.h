// Reading what is told of predictions and posteriors.
#pragma once

#include <optional>
#include <vector>

#include "records/record_json.h"

namespace gapbench::records {

/// Throw Error whose where() is the key that is missing, of the wrong type or contradicted.
train::PassCounts read_passes(const Json& json);
std::vector<train::ProbeValue> read_probes(const Json& json);
/// Of an evaluation; nothing where it has none.
std::optional<train::Predictive> read_predictive(const Json& json);

}  // namespace gapbench::records
