#include "train/trial.h"

#include <fmt/format.h>

#include <array>
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

void require_fitting_batch(const TrialSettings& settings, const Problem& problem) {
  const std::size_t examples = problem.examples(Part::train);
  const std::size_t batch = batch_of(settings, examples);
  if (batch > examples) {
    throw Error("batch", fmt::format("{} asked; must be 1 to {}, the number of training examples",
                                     batch, examples));
  }
  if (settings.micro_batch > batch) {
    throw Error("micro_batch", fmt::format("{} asked; must not be larger than the batch, {}",
                                           settings.micro_batch, batch));
  }
}

void require_long_enough(const TrialSettings& settings, const Trajectories& trajectories,
                         std::uint64_t steps) {
  for (const TrajectorySource& source : settings.sources) {
    const auto at = trajectories.find(source.option);
    const std::size_t recorded = at == trajectories.end() ? 0 : at->second->size();
    if (recorded >= steps) continue;
    throw Error(settings.optimizer.name + "." + source.option,
                fmt::format("method \"{}\" made {} steps, this trial makes {}; give it a budget "
                            "of at least as many steps",
                            source.method, recorded, steps));
  }
}

/// Stands in for trajectories that are not recorded yet.
Trajectories short_steps(const TrialSettings& settings) {
  constexpr std::size_t enough = 16;
  const auto lengths = std::make_shared<const std::vector<float>>(enough, 1e-3F);
  Trajectories trajectories;
  for (const TrajectorySource& source : settings.sources) trajectories[source.option] = lengths;
  return trajectories;
}

Method make_method(const TrialSettings& settings, const Problem& problem,
                   const plugin::Registry& plugins, const Trajectories& trajectories) {
  Method method;
  const auto& optimizer = component_of(plugins, ComponentKind::optimizer, settings.optimizer);
  const Options options = plugin::resolve_options(
      settings.optimizer.name, optimizer, settings.optimizer.options, plugins, trajectories);
  method.optimizer = optimizer.make_optimizer(options, problem.tensors());
  for (const Choice& choice : settings.regularizers) {
    const auto& regularizer = component_of(plugins, ComponentKind::regularizer, choice);
    method.penalties.push_back(method.watch->watched(
        choice.name,
        {regularizer.make_regularizer(options_of(regularizer, choice)), regularizer.hooks}));
    require_noise_sites(choice.name, method.penalties.back(),
                        settings.problem ? settings.problem->name : settings.network.name,
                        problem.noise_sites());
  }
  const std::size_t examples = problem.examples(Part::train);
  const Batches batches(examples, batch_of(settings, examples), Random(0));
  for (const ProbeSettings& planned : settings.probes) {
    const auto& probe = component_of(plugins, ComponentKind::probe, planned.probe);
    const std::uint64_t every =
        planned.every ? to_steps(*planned.every, batches.steps_per_epoch()) : 0;
    method.probes.push_back(
        {planned.probe.name, probe.make_probe(options_of(probe, planned.probe)), every});
  }
  return method;
}

}  // namespace

Outcome run_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                  const std::filesystem::path& data_root, const Observer& observer,
                  const Trajectories& trajectories, Continuation from) {
  CostMeter meter;
  const LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batch(settings, *loaded.problem);
  std::vector<std::string> notes = notes_on(settings, loaded);
  Method method = make_method(settings, *loaded.problem, plugins, trajectories);
  Trainer trainer(settings, *loaded.problem, std::move(method), meter, observer);
  require_long_enough(settings, trajectories, trainer.steps());
  if (!from.state.empty()) trainer.go_on(std::move(from));
  Outcome outcome = trainer.run();
  outcome.notes = std::move(notes);
  if (observer.ended) observer.ended(outcome);
  return outcome;
}

Estimate estimate_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                        const std::filesystem::path& data_root) {
  CostMeter meter;
  const LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batch(settings, *loaded.problem);
  const Observer nobody;
  Method method = make_method(settings, *loaded.problem, plugins, short_steps(settings));
  return Trainer(settings, *loaded.problem, std::move(method), meter, nobody).estimate();
}

}  // namespace gapbench::train
