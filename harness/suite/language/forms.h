// What blocks and lists of a suite look like, for messages that must show it.
#pragma once

#include <string>
#include <string_view>

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// "{epochs: 6}" of "budget" or "schedule.warmup", "[1, 2, 3]" of "seeds": a small one that is
/// right in place of what a suite has there. Empty for what is not known.
std::string_view form_of(std::string_view what);

/// "budget must be a block, as in {epochs: 6}, got 10"; `kind` is "a block", "a list of ...".
std::string must_be(std::string_view what, std::string_view kind, const Node& got);

}  // namespace gapbench::suite
