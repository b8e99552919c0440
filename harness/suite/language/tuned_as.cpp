#include "suite/language/tuned_as.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "suite/language/tune.h"

namespace gapbench::suite {
namespace {

bool same_axes(const std::vector<Axis>& a, const std::vector<Axis>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Axis& x, const Axis& y) {
    return x.path == y.path && x.label == y.label;
  });
}

}  // namespace

TunedBy tuned_by(const std::optional<Node>& own, const TuneBlocks& blocks, Mistakes& mistakes) {
  const auto as = own ? tuned_as(*own, mistakes) : std::nullopt;
  if (!as) return {own, ""};
  const auto other = blocks.find(*as);
  const bool tuned = other != blocks.end() && other->second;
  if (tuned && other->second->find("as") == nullptr) {
    TunedBy by{other->second, *as};
    by.block->place = own->place;
    return by;
  }
  mistakes.add(own->place, fmt::format("tune as \"{}\": no method of this name with a search of "
                                       "its own",
                                       *as));
  return {};
}

void match_candidates(std::vector<Method>& methods, Mistakes& mistakes) {
  for (Method& method : methods) {
    if (method.tuned_as.empty()) continue;
    const auto other = std::find_if(methods.begin(), methods.end(), [&](const Method& candidate) {
      return candidate.name == method.tuned_as;
    });
    std::vector<MethodCandidate> ordered;
    for (const auto& theirs : other == methods.end() ? method.candidates : other->candidates) {
      for (const MethodCandidate& ours : method.candidates) {
        if (same_axes(ours.axes, theirs.axes)) ordered.push_back(ours);
      }
    }
    const std::size_t due = other == methods.end() ? 0 : other->candidates.size();
    if (ordered.size() != due || due == 0) {
      mistakes.add(
          method.tune_place,
          fmt::format("tune as \"{}\": is a grid; tune as a single method", method.tuned_as));
      continue;
    }
    method.candidates = std::move(ordered);
    method.settings = method.candidates.front().settings;
  }
}

}  // namespace gapbench::suite
