// Methods that take over what is chosen for another: `tune: {as: large}`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "suite/language/methods.h"

namespace gapbench::suite {

/// The tune block of each method as written, by the method's name.
using TuneBlocks = std::map<std::string, std::optional<Node>>;

/// What a method is tuned by: its own block, or the one of the method that it is tuned as.
struct TunedBy {
  std::optional<Node> block;
  std::string as;
};
TunedBy tuned_by(const std::optional<Node>& own, const TuneBlocks& blocks, Mistakes& mistakes);

/// Puts the candidates of a method that is tuned as another into that one's order.
void match_candidates(std::vector<Method>& methods, Mistakes& mistakes);

}  // namespace gapbench::suite
