#include "plugin/hand_over.h"

#include <utility>

#include "gapbench/error.h"

namespace gapbench::plugin {
namespace {

/// What stands below "option." in a map, under its own names.
template <class Map>
Map below(const Map& map, const std::string& option) {
  const std::string head = option + ".";
  Map inner;
  for (auto at = map.lower_bound(head); at != map.end() && at->first.starts_with(head); ++at) {
    inner.insert_or_assign(at->first.substr(head.size()), at->second);
  }
  return inner;
}

/// The name of the inner optimizer an option gives, or nothing where there is none.
const std::string* inner_name(const OptionSpec& spec, const OptionMap& given) {
  if (spec.kind != OptionKind::optimizer) return nullptr;
  const auto at = given.find(spec.name);
  return at == given.end() ? nullptr : std::get_if<std::string>(&at->second);
}

OptionMap inner_options(const OptionSpec& spec, const OptionMap& given) {
  OptionMap inner = below(given, spec.name);
  inner.erase("revision");
  return inner;
}

}  // namespace

Options resolve_options(const std::string& owner, const Component& component,
                        const OptionMap& given, const Registry& plugins,
                        const Trajectories& trajectories, const Ends& ends) {
  Handed handed;
  for (const OptionSpec& spec : options_of(component)) {
    const auto recorded = trajectories.find(spec.name);
    if (spec.kind == OptionKind::trajectory && recorded != trajectories.end()) {
      handed.trajectories.insert(*recorded);
    }
    const auto ended = ends.find(spec.name);
    if (spec.kind == OptionKind::parameters && ended != ends.end()) {
      handed.parameters.insert(*ended);
    }
    const std::string* name = inner_name(spec, given);
    if (name == nullptr) continue;
    const Component& inner = *plugins.find(ComponentKind::optimizer, *name).component;
    Options options =
        resolve_options(owner + "." + spec.name, inner, inner_options(spec, given), plugins,
                        below(trajectories, spec.name), below(ends, spec.name));
    handed.optimizers[spec.name] =
        [&inner, options = std::move(options)](std::span<const TensorInfo> tensors) {
          return inner.make_optimizer(options, tensors);
        };
  }
  return Options::resolve(owner, options_of(component), given, std::move(handed));
}

std::vector<std::string> inner_optimizers(const Component& component, const OptionMap& given,
                                          const Registry& plugins) {
  std::vector<std::string> names;
  for (const OptionSpec& spec : options_of(component)) {
    const std::string* name = inner_name(spec, given);
    if (name == nullptr) continue;
    names.push_back(*name);
    const Component& inner = *plugins.find(ComponentKind::optimizer, *name).component;
    for (std::string& deeper : inner_optimizers(inner, inner_options(spec, given), plugins)) {
      names.push_back(std::move(deeper));
    }
  }
  return names;
}

}  // namespace gapbench::plugin
