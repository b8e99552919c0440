#include "train/trial.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

#include "gapbench/error.h"
#include "train/notes.h"
#include "train/problems.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

const Component& component_of(const plugin::Registry& plugins, ComponentKind kind,
                              const Choice& choice) {
  return *plugins.find(kind, choice.name).component;
}

Options options_of(const Component& component, const Choice& choice) {
  return Options::resolve(choice.name, plugin::options_of(component), choice.options);
}

void require_fitting_batches(const TrialSettings& settings, const Problem& problem) {
  static_cast<void>(Calendar(settings, problem.examples(Part::train)));  // says what does not fit
}

void require_end_of(const Problem& problem, const std::string& where,
                    const std::vector<float>& end) {
  const std::size_t dimension = dimension_of(problem);
  if (end.size() == dimension + problem.buffers().size()) return;
  throw Error(where, fmt::format("the end of the other trial has {} numbers; this problem has {} "
                                 "parameters and {} running statistics",
                                 end.size(), dimension, problem.buffers().size()));
}

void require_long_enough(const TrialSettings& settings, const Trajectories& trajectories,
                         std::uint64_t steps) {
  for (const TrajectorySource& source : settings.sources) {
    if (source.hands != Hands::steps) continue;
    const auto at = trajectories.find(source.option);
    const std::size_t recorded = at == trajectories.end() ? 0 : at->second->size();
    if (recorded >= steps) continue;
    throw Error(settings.optimizer.name + "." + source.option,
                fmt::format("method \"{}\" made {} steps, this trial makes {}; give it a budget "
                            "of at least as many steps",
                            source.method, recorded, steps));
  }
}

/// Stands in for what other trials have not left yet.
HandedOver stand_ins(const TrialSettings& settings, const Problem& problem) {
  constexpr std::size_t enough = 16;
  const auto lengths = std::make_shared<const std::vector<float>>(enough, 1e-3F);
  std::vector<float> start(dimension_of(problem));
  problem.initialize(start_random(settings.seed), start);
  start.insert(start.end(), problem.buffers().begin(), problem.buffers().end());
  const auto end = std::make_shared<const std::vector<float>>(std::move(start));
  HandedOver handed;
  for (const TrajectorySource& source : settings.sources) {
    handed.put(source, source.hands == Hands::steps ? lengths : end);
  }
  return handed;
}

/// The parameters alone. Throws Error unless the ends are those of a problem like this one.
plugin::Ends parameters_of(const plugin::Ends& ends, const std::string& owner,
                           const Problem& problem) {
  const std::size_t dimension = dimension_of(problem);
  plugin::Ends parameters;
  for (const auto& [option, end] : ends) {
    require_end_of(problem, owner + "." + option, *end);
    parameters[option] = std::make_shared<const std::vector<float>>(
        end->begin(), end->begin() + static_cast<std::ptrdiff_t>(dimension));
  }
  return parameters;
}

Method make_method(const TrialSettings& settings, const Problem& problem,
                   const plugin::Registry& plugins, const HandedOver& handed) {
  Method method;
  const auto& optimizer = component_of(plugins, ComponentKind::optimizer, settings.optimizer);
  const Options options = plugin::resolve_options(
      settings.optimizer.name, optimizer, settings.optimizer.options, plugins, handed.trajectories,
      parameters_of(handed.optimizer, settings.optimizer.name, problem));
  method.optimizer = optimizer.make_optimizer(options, problem.tensors());
  for (const Choice& choice : settings.regularizers) {
    const auto& regularizer = component_of(plugins, ComponentKind::regularizer, choice);
    const auto ends = handed.regularizers.find(choice.name);
    const Options own = plugin::resolve_options(
        choice.name, regularizer, choice.options, plugins, {},
        ends == handed.regularizers.end() ? plugin::Ends()
                                          : parameters_of(ends->second, choice.name, problem));
    method.penalties.push_back(
        method.watch->watched(choice.name, {regularizer.make_regularizer(own), regularizer.hooks}));
    const std::string& name = settings.problem ? settings.problem->name : settings.network.name;
    require_noise_sites(choice.name, method.penalties.back(), name, problem.noise_sites());
    require_inputs(choice.name, method.penalties.back(), name, problem.input_shape());
    require_mixing(choice.name, method.penalties, name, problem);
  }
  if (settings.posterior && settings.posterior->is_fitted()) {
    const Choice& choice = settings.posterior->posterior;
    const auto& posterior = component_of(plugins, ComponentKind::posterior, choice);
    method.posterior = posterior.make_posterior(options_of(posterior, choice), problem.tensors());
  }
  std::map<std::string, int> named;
  for (const ProbeSettings& planned : settings.probes) {
    const auto& probe = component_of(plugins, ComponentKind::probe, planned.probe);
    const Options own = options_of(probe, planned.probe);
    const int count = ++named[planned.probe.name];
    method.probes.push_back(
        {count == 1 ? planned.probe.name : fmt::format("{}#{}", planned.probe.name, count),
         probe.make_probe(own), planned.every, probe.make_probe(own)});
  }
  return method;
}

}  // namespace

void HandedOver::put(const TrajectorySource& source,
                     std::shared_ptr<const std::vector<float>> numbers) {
  if (source.hands == Hands::steps) {
    trajectories[source.option] = std::move(numbers);
  } else if (source.hands == Hands::start) {
    start = std::move(numbers);
  } else if (source.regularizer.empty()) {
    optimizer[source.option] = std::move(numbers);
  } else {
    regularizers[source.regularizer][source.option] = std::move(numbers);
  }
}

Outcome run_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                  const std::filesystem::path& data_root, const Observer& observer,
                  const HandedOver& handed, Continuation from) {
  CostMeter meter;
  const LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batches(settings, *loaded.problem);
  std::vector<std::string> notes = notes_on(settings, loaded);
  Method method = make_method(settings, *loaded.problem, plugins, handed);
  Trainer trainer(settings, *loaded.problem, std::move(method), meter, observer);
  require_long_enough(settings, handed.trajectories, trainer.steps());
  if (handed.start != nullptr) {
    require_end_of(*loaded.problem, "start", *handed.start);
    trainer.start_from(*handed.start);
  }
  if (!from.state.empty()) trainer.go_on(std::move(from));
  Outcome outcome = trainer.run();
  outcome.notes.insert(outcome.notes.begin(), notes.begin(), notes.end());
  if (observer.ended) observer.ended(outcome);
  return outcome;
}

Estimate estimate_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                        const std::filesystem::path& data_root) {
  CostMeter meter;
  const LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batches(settings, *loaded.problem);
  const Observer nobody;
  Method method =
      make_method(settings, *loaded.problem, plugins, stand_ins(settings, *loaded.problem));
  return Trainer(settings, *loaded.problem, std::move(method), meter, nobody).estimate();
}

}  // namespace gapbench::train
