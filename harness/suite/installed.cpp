// The suite language bound to this installation: its plugins, networks and data.
#include <fmt/format.h>

#include "core/file.h"
#include "data/data.h"
#include "nn/network.h"
#include "nn/precision.h"
#include "suite/load.h"
#include "suite/yaml/parse.h"
#include "train/data_sets.h"
#include "train/networks.h"

namespace gapbench::suite {
namespace {

ComponentKind component_kind(Role role) {
  switch (role) {
    case Role::regularizer:
      return ComponentKind::regularizer;
    case Role::probe:
      return ComponentKind::probe;
    case Role::problem:
      return ComponentKind::problem;
    case Role::posterior:
      return ComponentKind::posterior;
    default:
      return ComponentKind::optimizer;
  }
}

}  // namespace

InstalledCatalog::InstalledCatalog(const plugin::Registry& plugins) : plugins_(plugins) {
  for (const plugin::Entry& e : plugins.entries()) {
    const std::string name = e.component->about.name;
    if (e.component->kind != ComponentKind::network || train::is_own_network(name)) continue;
    network_options_[name] = train::find_network(name, plugins).options;
  }
}

Declared InstalledCatalog::find(Role role, const std::string& name) const {
  if (role == Role::dataset) {
    const train::NamedDataSet found = train::find_data_set(name, plugins_);
    return {.options = found.kind.options,
            .revision = found.revision(),
            .regression = found.kind.regression,
            .redrawable = found.kind.redrawable};
  }
  if (role == Role::network) {
    const train::NamedNetwork found = train::find_network(name, plugins_);
    if (found.plugin == nullptr) return {nn::find_architecture(name).options, 0};
    return {network_options_.at(name), found.revision()};
  }
  const Component& component = *plugins_.find(component_kind(role), name).component;
  return {plugin::options_of(component), component.about.revision, component.keeps_posterior};
}

std::string InstalledCatalog::misfit(const train::Choice& network,
                                     const std::string& dataset) const {
  const data::Kind kind = train::find_data_set(dataset, plugins_).kind;
  if (kind.shape.size() == 0) return "";
  constexpr std::size_t some_classes = 10;
  try {
    train::describe(network, plugins_, kind.shape, kind.regression ? 1 : some_classes);
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

Suite load(const std::filesystem::path& file, const std::vector<std::string>& overrides,
           const plugin::Registry& plugins) {
  std::error_code code;
  const auto size = std::filesystem::file_size(file, code);
  if (!code && size > largest_text) {
    throw Error(file.string(), fmt::format("{} bytes; a suite has at most {}", size, largest_text));
  }
  return read_suite(read_file(file), {file.string(), overrides}, InstalledCatalog(plugins));
}

void seal(Suite& suite, const plugin::Registry& plugins, const std::filesystem::path& data_root) {
  for (Trial& trial : suite.trials) nn::settle(trial.settings.network.options);
  for (Search& search : suite.searches) {
    for (Candidate& c : search.candidates) nn::settle(c.settings.network.options);
  }
  seal(suite, [&](const train::DataSettings& settings) {
    return data::checksum(train::request_of(settings, plugins, 0, data_root));
  });
}

}  // namespace gapbench::suite
