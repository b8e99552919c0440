// What `gapbench list` and `gapbench info` print.
#pragma once

#include <string>
#include <vector>

#include "plugin/registry.h"

namespace gapbench::plugin {

/// Every component with this name, or of this kind and name for "optimizer/sgd". Never empty:
/// throws Error with the nearest valid name, of those and of `others` (networks and data sets).
std::vector<const Entry*> find_by_name(const Registry& registry, const std::string& name,
                                       std::vector<std::string> others = {});

/// A table, one line a component: kind, name, revision, summary, library; sorted by kind and name.
/// Refused libraries follow, each with its reason.
std::string list_text(const Registry& registry);

/// One component in full: summary, revision, every option with range, default, unit and help, the
/// example, the library and its SHA-256.
std::string info_text(const Entry& entry);

}  // namespace gapbench::plugin
