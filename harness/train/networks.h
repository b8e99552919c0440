// The networks a suite can name: the harness's own, and those of plugins.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gapbench/layers.h"
#include "nn/network.h"
#include "plugin/registry.h"
#include "train/settings.h"

namespace gapbench::train {

/// A network that can be named.
struct NamedNetwork {
  std::vector<OptionSpec> options;        ///< its own and engine_options
  const plugin::Entry* plugin = nullptr;  ///< of one that is a plugin
  std::uint32_t revision() const { return plugin ? plugin->component->about.revision : 0; }
};

/// Whether the harness has one of this name itself.
bool is_own_network(const std::string& name);

/// Throws Error naming the nearest valid name and a refused library that may have held it, and for a
/// plugin that has the name of one of the harness's own.
NamedNetwork find_network(const std::string& name, const plugin::Registry& plugins);

/// The layers of a network that was chosen. Throws Error(its name, ...) where they do not fit.
Layers describe(const Choice& network, const plugin::Registry& plugins, Shape input,
                std::size_t outputs);

/// The same, to be computed.
std::unique_ptr<const nn::Network> make_network(const Choice& network,
                                                const plugin::Registry& plugins, Shape input,
                                                std::size_t outputs);

}  // namespace gapbench::train
