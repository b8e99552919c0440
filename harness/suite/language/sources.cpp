// Trials that need another one, its step lengths or its end: who names whom.
#include <fmt/format.h>

#include <algorithm>

#include "core/nearest.h"
#include "suite/language/parts.h"

namespace gapbench::suite {
namespace {

using Names = std::vector<std::string>;

/// What the options of an optimizer or regularizer hold: `prefix` is "magnitude." for an inner
/// optimizer.
struct Uses {
  const train::Choice& choice;
  std::string regularizer;  ///< its name; empty: the optimizer
  const Catalog& catalog;
  std::vector<SourceUse> found;

  const std::string& text(const std::string& option) const {
    return std::get<std::string>(choice.options.at(option));
  }

  void look(Role role, const std::string& name, const std::string& prefix, const Node& node) {
    for (const OptionSpec& spec : catalog.find(role, name).options) {
      const std::string option = prefix + spec.name;
      const Node* value = node.find(spec.name);
      if (value == nullptr) continue;
      if (spec.kind == OptionKind::trajectory) add(option, train::Hands::steps, value->place);
      if (spec.kind == OptionKind::parameters) add(option, train::Hands::end, value->place);
      if (spec.kind == OptionKind::optimizer) {
        look(Role::optimizer, text(option), option + ".", *value);
      }
    }
  }

  void add(const std::string& option, train::Hands hands, Place place) {
    found.push_back({{option, text(option), "", "", hands, regularizer}, place});
  }
};

const Method* find_method(const Parts& parts, const std::string& name) {
  const auto at = std::find_if(parts.methods.begin(), parts.methods.end(),
                               [&](const Method& method) { return method.name == name; });
  return at == parts.methods.end() ? nullptr : &*at;
}

std::string unknown_source(const Parts& parts, const std::string& name) {
  Names names;
  Names variants;
  for (const Method& method : parts.methods) {
    names.push_back(method.name);
    if (method.base == name) variants.push_back(method.name);
  }
  if (variants.empty()) {
    return fmt::format("no method \"{}\" to follow{}", name, did_you_mean(name, names));
  }
  return fmt::format("method \"{}\" is a grid; follow one of {}", name, fmt::join(variants, ", "));
}

/// The circle that `method` closes with the path that led to it, or nothing.
std::string circle(const Parts& parts, const Method& method, Names path) {
  const bool seen = std::find(path.begin(), path.end(), method.name) != path.end();
  path.push_back(method.name);
  if (seen) return fmt::format("{}", fmt::join(path, " -> "));
  for (const train::TrajectorySource& source : method.settings.sources) {
    const Method* next = find_method(parts, source.method);
    if (next == nullptr) continue;
    const std::string closed = circle(parts, *next, path);
    if (!closed.empty()) return closed;
  }
  return "";
}

}  // namespace

std::vector<SourceUse> sources_of(const train::Choice& choice, Role role, const Node& node,
                                  const Catalog& catalog) {
  Uses uses{choice, role == Role::regularizer ? choice.name : "", catalog, {}};
  uses.look(role, choice.name, "", node);
  return uses.found;
}

void check_sources(const Parts& parts, Mistakes& mistakes) {
  for (const Method& method : parts.methods) {
    const auto& sources = method.settings.sources;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const Place place = method.source_places[i];
      if (find_method(parts, sources[i].method) == nullptr) {
        mistakes.add(place, unknown_source(parts, sources[i].method));
        continue;
      }
      const std::string closed = circle(parts, method, {});
      if (!closed.empty()) mistakes.add(place, "trajectories followed in a circle: " + closed);
    }
  }
}

}  // namespace gapbench::suite
