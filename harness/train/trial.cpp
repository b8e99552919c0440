#include "train/trial.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "gapbench/error.h"
#include "train/problems.h"
#include "train/trainer.h"

namespace gapbench::train {
namespace {

constexpr std::array status_names = {"ok",      "diverged", "timeout", "out_of_memory",
                                     "crashed", "error",    "skipped", "interrupted"};

const Component& component_of(const plugin::Registry& plugins, ComponentKind kind,
                              const Choice& choice) {
  return *plugins.find(kind, choice.name).component;
}

Options options_of(const Component& component, const Choice& choice) {
  return Options::resolve(choice.name, plugin::options_of(component), choice.options);
}

void require_fitting_batch(const TrialSettings& settings, const Problem& problem) {
  const std::size_t examples = problem.examples(Part::train);
  if (settings.batch == 0 || settings.batch > examples) {
    throw Error("batch", fmt::format("{} asked; must be 1 to {}, the number of training examples",
                                     settings.batch, examples));
  }
  if (settings.micro_batch > settings.batch) {
    throw Error("micro_batch", fmt::format("{} asked; must not be larger than the batch, {}",
                                           settings.micro_batch, settings.batch));
  }
}

Method make_method(const TrialSettings& settings, const Problem& problem,
                   const plugin::Registry& plugins) {
  Method method;
  const auto& optimizer = component_of(plugins, ComponentKind::optimizer, settings.optimizer);
  method.optimizer =
      optimizer.make_optimizer(options_of(optimizer, settings.optimizer), problem.tensors());
  for (const Choice& choice : settings.regularizers) {
    const auto& regularizer = component_of(plugins, ComponentKind::regularizer, choice);
    method.penalties.push_back(
        {regularizer.make_regularizer(options_of(regularizer, choice)), regularizer.hooks});
  }
  const Batches batches(problem.examples(Part::train), settings.batch, Random(0));
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

const char* to_text(Status status) { return status_names[static_cast<std::size_t>(status)]; }

std::optional<Status> status_from_text(const std::string& text) {
  for (std::size_t i = 0; i < status_names.size(); ++i) {
    if (text == status_names[i]) return static_cast<Status>(i);
  }
  return std::nullopt;
}

Outcome run_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                  const std::filesystem::path& data_root, const Observer& observer) {
  CostMeter meter;
  LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batch(settings, *loaded.problem);
  Method method = make_method(settings, *loaded.problem, plugins);
  Trainer trainer(settings, *loaded.problem, std::move(method), meter, observer);
  Outcome outcome = trainer.run();
  outcome.notes = std::move(loaded.notes);
  return outcome;
}

Estimate estimate_trial(const TrialSettings& settings, const plugin::Registry& plugins,
                        const std::filesystem::path& data_root) {
  CostMeter meter;
  const LoadedProblem loaded = load_problem(settings, plugins, data_root);
  require_fitting_batch(settings, *loaded.problem);
  const Observer nobody;
  return Trainer(settings, *loaded.problem, make_method(settings, *loaded.problem, plugins), meter,
                 nobody)
      .estimate();
}

}  // namespace gapbench::train
