#include "train/problems.h"

#include <fmt/format.h>

#include <utility>

#include "data/data.h"
#include "gapbench/error.h"
#include "train/data_sets.h"
#include "train/linearized_problem.h"
#include "train/network_problem.h"
#include "train/networks.h"

namespace gapbench::train {
namespace {

LoadedProblem load_network_problem(const TrialSettings& settings, const plugin::Registry& plugins,
                                   const std::filesystem::path& data_root) {
  auto data = data::load(request_of(settings.data, plugins, settings.seed, data_root));
  const data::Description& about = data->description();
  if (!settings.data.checksum.empty() && settings.data.checksum != about.checksum) {
    throw Error(about.name, fmt::format("the data changed since the trial was planned: checksum "
                                        "{:.12} then, {:.12} now",
                                        settings.data.checksum, about.checksum));
  }
  if (settings.data.augment && !data->has_images()) {
    throw Error(about.name, "has no images to crop and flip; augment must be false");
  }
  if (settings.data.deviation && about.classes > 0) {
    throw Error(about.name, "has classes: a deviation is of a regression's targets");
  }
  const std::size_t width = about.classes > 0 ? about.classes : about.target_width;
  auto network = make_network(settings.network, plugins, about.shape, width);
  std::vector<std::string> notes = about.notes;
  std::unique_ptr<const Problem> problem = std::make_unique<NetworkProblem>(
      std::move(data), std::move(network), settings.data.deviation.value_or(0));
  const auto options =
      Options::resolve(settings.network.name, find_network(settings.network.name, plugins).options,
                       settings.network.options);
  if (options.flag("linearize")) {
    problem = std::make_unique<LinearizedProblem>(std::move(problem), start_random(settings.seed));
  }
  return {std::move(problem), std::move(notes)};
}

LoadedProblem load_plugin_problem(const TrialSettings& settings, const plugin::Registry& plugins) {
  const Choice& choice = *settings.problem;
  const auto& component = *plugins.find(ComponentKind::problem, choice.name).component;
  const auto options = Options::resolve(choice.name, plugin::options_of(component), choice.options);
  return {component.make_problem(options, Random(split_seed_of(settings)).at("problem")), {}};
}

}  // namespace

LoadedProblem load_problem(const TrialSettings& settings, const plugin::Registry& plugins,
                           const std::filesystem::path& data_root) {
  if (settings.problem) return load_plugin_problem(settings, plugins);
  return load_network_problem(settings, plugins, data_root);
}

}  // namespace gapbench::train
