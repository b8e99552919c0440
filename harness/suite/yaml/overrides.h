// --set a.b=c: changes to a suite's tree before it is read.
#pragma once

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// Applies the overrides of mistakes.source(), in order. The value is YAML. A path leads through
/// keys (which may hold dots: the longest that exists wins), list places (from 0) and names of the
/// blocks in a list ("datasets.cifar10.train"); keys that do not exist are created, and judged with
/// the rest of the file. After "grid" the rest of the path is one key. Everything set carries the
/// override as its place.
void apply_overrides(Node& root, Mistakes& mistakes);

}  // namespace gapbench::suite
