// gapbench list, gapbench info
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "core/engine_options.h"
#include "data/data.h"
#include "data/label_noise.h"
#include "gapbench/error.h"
#include "nn/network.h"
#include "plugin/describe.h"
#include "plugin/example.h"
#include "plugin/registry.h"

namespace gapbench::cli {
namespace {

std::string options_text(std::span<const OptionSpec> options) {
  if (options.empty()) return "no options\n";
  std::string text = "options\n";
  for (const OptionSpec& spec : options) {
    text += fmt::format("  {:<20} {}; {}\n", spec.name, spec.help, describe(spec));
  }
  return text;
}

/// Of a data set, which may have a name of its own: "csv:yacht". Nothing where there is none.
const data::Kind* kind_of(const std::string& name) {
  try {
    return &data::find_kind(name);
  } catch (const Error&) {
    return nullptr;
  }
}

std::vector<std::string> networks_and_data_sets() {
  std::vector<std::string> names;
  for (const auto& a : nn::architectures()) names.emplace_back(a.name);
  for (const auto& k : data::kinds()) names.emplace_back(k.name);
  return names;
}

/// What a set takes besides its own.
std::vector<OptionSpec> label_options_beside(std::span<const OptionSpec> own, bool regression) {
  std::vector<OptionSpec> more;
  if (regression) return more;
  for (const OptionSpec& spec : data::label_options) {
    const auto same = [&](const OptionSpec& o) { return std::string_view(o.name) == spec.name; };
    if (std::ranges::none_of(own, same)) more.push_back(spec);
  }
  return more;
}

std::string data_options_text(const data::Kind& kind) {
  std::vector<OptionSpec> all(kind.options.begin(), kind.options.end());
  std::ranges::copy(label_options_beside(kind.options, kind.regression), std::back_inserter(all));
  return options_text(all);
}

/// What a plugin's set has besides.
std::string data_text(const Component& component) {
  const auto more = label_options_beside(plugin::options_of(component), component.has_targets);
  if (more.empty()) return "";
  std::string text = "options of every data set with classes\n";
  for (const OptionSpec& spec : more) {
    text += fmt::format("  {:<20} {}; {}\n", spec.name, spec.help, describe(spec));
  }
  return text;
}

int list_everything(const Places& places) {
  const auto registry = plugin::Registry::load(places.plugin_folders());
  fmt::print("{}", plugin::list_text(registry));
  fmt::print("\nnetworks\n");
  for (const auto& a : nn::architectures()) fmt::print("  {:<16} {}\n", a.name, a.summary);
  fmt::print("\ndata sets beside those of plugins (gapbench data list shows which are here)\n");
  for (const auto& k : data::kinds()) fmt::print("  {:<16} {}\n", k.name, k.summary);
  return all_ok;
}

std::string sites_text(const std::vector<std::string>& sites) {
  return fmt::format("noise sites: {}\n",
                     sites.empty() ? "none" : fmt::to_string(fmt::join(sites, ", ")));
}

/// What a plugin's network has besides: the engine's options, and its layers.
std::string network_text(const Component& component) {
  std::string text = "options of every network\n";
  for (const OptionSpec& spec : engine_options) {
    text += fmt::format("  {:<20} {}; {}\n", spec.name, spec.help, describe(spec));
  }
  const auto own = plugin::options_of(component);
  const Options options =
      Options::resolve(component.about.name, own,
                       plugin::parse_example(component.about.name, own, component.about.example));
  const Layers layers = plugin::usual_layers(component, options);
  return text + sites_text(noise_sites(layers)) +
         fmt::format("layers of the example for 10 outputs, {} parameters\n{}", layers.parameters(),
                     to_text(layers));
}

// Plugins first, then networks and data sets; all that have the name.
int show(const std::string& name, const Places& places) {
  bool found = false;
  for (const auto& a : nn::architectures()) {
    if (name != a.name) continue;
    fmt::print("network {}\n  {}\n{}", a.name, a.summary, options_text(a.options));
    fmt::print("{}", sites_text(nn::usual_noise_sites(a)));
    found = true;
  }
  if (const data::Kind* kind = kind_of(name)) {
    fmt::print("data set {}\n  {}\n{}", name, kind->summary, data_options_text(*kind));
    found = true;
  }
  if (found) return all_ok;
  const auto registry = plugin::Registry::load(places.plugin_folders());
  for (const auto* entry : plugin::find_by_name(registry, name, networks_and_data_sets())) {
    fmt::print("{}", plugin::info_text(*entry));
    if (entry->component->kind == ComponentKind::network) {
      fmt::print("{}", network_text(*entry->component));
    }
    if (entry->component->kind == ComponentKind::data) {
      fmt::print("{}", data_text(*entry->component));
    }
  }
  return all_ok;
}

}  // namespace

void add_list(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("list", "What a suite can name: plugins, networks, data sets");
  command->footer("Example: gapbench list --plugins build/my-plugins");
  auto places = std::make_shared<Places>();
  places->add_plugins(*command);
  command->callback([=, &action] { action = [=] { return list_everything(*places); }; });
}

void add_info(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "info", "One plugin, network or data set: options with ranges, defaults and units");
  command->footer("Example: gapbench info adam");
  auto places = std::make_shared<Places>();
  auto name = std::make_shared<std::string>();
  command->add_option("name", *name, "As `gapbench list` shows it")->required();
  places->add_plugins(*command);
  command->callback([=, &action] { action = [=] { return show(*name, *places); }; });
}

}  // namespace gapbench::cli
