// A tree to YAML text, always the same text for the same tree.
#pragma once

#include <string>

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// Block style, keys in the order of the tree; lists hold scalars (one line) or blocks. parse_yaml
/// gives the tree back. Written by hand because identities are hashes of this text: it may never
/// change on its own.
std::string emit_yaml(const Node& root);

}  // namespace gapbench::suite
