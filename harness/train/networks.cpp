#include "train/networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "core/engine_options.h"
#include "gapbench/error.h"

namespace gapbench::train {
namespace {

Options options_of(const Choice& network, const NamedNetwork& found) {
  return Options::resolve(network.name, found.options, network.options);
}

Layers describe(const Choice& network, const NamedNetwork& found, const Options& options,
                Shape input, std::size_t outputs) {
  if (found.plugin == nullptr) return nn::layers_of(network.name, options, input, outputs);
  return describe_network(network.name, found.plugin->component->build_network, options, input,
                          outputs);
}

}  // namespace

bool is_own_network(const std::string& name) {
  return std::ranges::any_of(nn::architectures(),
                             [&](const nn::Architecture& a) { return a.name == name; });
}

NamedNetwork find_network(const std::string& name, const plugin::Registry& plugins) {
  const bool is_plugin = plugins.contains(ComponentKind::network, name);
  if (is_plugin && is_own_network(name)) {
    throw Error(name, fmt::format("is a network of gapbench's own, and {} offers another of this "
                                  "name; give that one another",
                                  plugins.find(ComponentKind::network, name).library.string()));
  }
  if (!is_plugin) {
    try {
      const auto& own = nn::find_architecture(name, plugins.names(ComponentKind::network));
      return {{own.options.begin(), own.options.end()}};
    } catch (const Error& e) {
      const std::string why = plugins.refused(name);
      if (why.empty()) throw;
      throw Error(e.where(), std::string(e.what()).substr(e.where().size() + 2) + why);
    }
  }
  NamedNetwork found;
  found.plugin = &plugins.find(ComponentKind::network, name);
  std::ranges::copy(plugin::options_of(*found.plugin->component),
                    std::back_inserter(found.options));
  std::ranges::copy(engine_options, std::back_inserter(found.options));
  return found;
}

Layers describe(const Choice& network, const plugin::Registry& plugins, Shape input,
                std::size_t outputs) {
  const NamedNetwork found = find_network(network.name, plugins);
  return describe(network, found, options_of(network, found), input, outputs);
}

std::unique_ptr<const nn::Network> make_network(const Choice& network,
                                                const plugin::Registry& plugins, Shape input,
                                                std::size_t outputs) {
  const NamedNetwork found = find_network(network.name, plugins);
  const Options options = options_of(network, found);
  return nn::make_network(describe(network, found, options, input, outputs), options);
}

}  // namespace gapbench::train
