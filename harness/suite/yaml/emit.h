// A tree to YAML text, always the same text for the same tree.
#pragma once

#include <string>

#include "suite/yaml/node.h"

namespace gapbench::suite {

/// first: the text that identities are hashes of, which may never change.
/// portable: the same tree for readers of YAML 1.1, too: 1.0e-05 for 1e-05, "Yes" in quotes.
enum class Dialect { first, portable };

/// Block style, keys in the order of the tree; lists hold scalars (one line) or blocks. parse_yaml
/// gives the tree back.
std::string emit_yaml(const Node& root, Dialect dialect = Dialect::first);

}  // namespace gapbench::suite
