// Sets that a loader of a plugin gives.
#pragma once

#include <memory>

#include "data/sets/set.h"
#include "gapbench/data_set.h"

namespace gapbench::data {

/// Reads <root>/<kind.name>, see DataLoader. The checksum is over all that the loader gives but its
/// notes.
std::shared_ptr<const Set> make_loaded(const Kind& kind, DataLoader* load);

}  // namespace gapbench::data
