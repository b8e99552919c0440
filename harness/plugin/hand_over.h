// Options that stand for more than their text: what a component is given with them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/registry.h"

namespace gapbench::plugin {

/// The step lengths of other trials, by option: "from", or "magnitude.from" of an inner optimizer.
using Trajectories = std::map<std::string, std::shared_ptr<const std::vector<float>>, std::less<>>;

/// Where other trials ended, likewise.
using Ends = Trajectories;

/// The options of one component, with a maker for every inner optimizer (found in the registry, its
/// own options checked, to any depth) and the trajectories and parameters it asks for. `given` is flat:
/// {"magnitude", "sgd"}, {"magnitude.learning_rate", 0.1}, and {"magnitude.revision", 1}, which is
/// part of a trial's identity and left aside here.
/// The components must outlive the makers: registries never unload. Throws Error(owner, ...).
Options resolve_options(const std::string& owner, const Component& component,
                        const OptionMap& given, const Registry& plugins,
                        const Trajectories& trajectories = {}, const Ends& ends = {});

/// The optimizers that an optimizer's options name, to any depth.
std::vector<std::string> inner_optimizers(const Component& component, const OptionMap& given,
                                          const Registry& plugins);

}  // namespace gapbench::plugin
