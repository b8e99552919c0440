// Every optimizer's step and every regularizer's penalty that the registry finds, as the trainer
// runs them, on one thread. A new plugin is measured without being named here.
//
//   bench_plugins --benchmark_filter=adam
//
//   optimizer/<name>/<parameters>            a step; its gradient is one sweep over the parameters
//   optimizer/gradient_alone/<parameters>    the objective's part of such a step
//   regularizer/<name>/<network>/<images>    the objective's gradient with the penalty
//   regularizer/gradient_alone/...           ... and without
//
// Each plugin has the options of its own example.

#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/aligned.h"
#include "nn/network.h"
#include "plugin/example.h"
#include "plugin/registry.h"
#include "quadratic.h"
#include "report.h"
#include "train/batches.h"
#include "train/objective.h"
#include "train/oracle.h"
#include "train/problems.h"
#include "train/team.h"
#include "train/trainer.h"

namespace {

using namespace gapbench;

Options example_options(const Component& component) {
  const auto specs = plugin::options_of(component);
  const std::string name = component.about.name;
  return Options::resolve(name, specs, plugin::parse_example(name, specs, component.about.example));
}

train::TrialSettings in_batches_of(std::size_t batch) {
  train::TrialSettings settings;
  settings.batch = batch;
  return settings;
}

/// The objective of a problem, at its start, on one thread.
class Setup {
 public:
  Setup(const Problem& problem, std::size_t batch, std::size_t micro_batch,
        const Component* regularizer)
      : problem_(problem),
        penalties_(make_penalties(regularizer)),
        w_(train::dimension_of(problem)),
        gradient_(w_.size()),
        team_(problem, 1, w_.size(), micro_batch),
        calendar_(in_batches_of(batch), problem.examples(Part::train)),
        batches_(calendar_, problem.examples(Part::train), random_),
        objective_(problem, team_, penalties_, micro_batch, false, random_, w_) {
    problem.initialize(random_.at("init"), w_);
  }

  /// The next mini-batch.
  train::Objective& next() {
    objective_.begin({.index = steps_, .examples = batches_.of(steps_)});
    ++steps_;
    return objective_;
  }
  void gradient() { next().gradient(gradient_); }
  double flops() const { return train::flops_of(team_.counts(), problem_.flops()); }

 private:
  static std::vector<train::Penalty> make_penalties(const Component* regularizer) {
    std::vector<train::Penalty> penalties;
    if (regularizer != nullptr) {
      penalties.push_back(
          {regularizer->make_regularizer(example_options(*regularizer)), regularizer->hooks});
    }
    return penalties;
  }

  Random random_{1};
  const Problem& problem_;
  std::vector<train::Penalty> penalties_;
  AlignedVector<float> w_, gradient_;
  train::Team team_;
  train::Calendar calendar_;
  train::Batches batches_;
  train::Objective objective_;
  std::uint64_t steps_ = 0;
};

void report_step(benchmark::State& state) {
  using benchmark::Counter;
  state.counters["parameters/s"] =
      Counter(static_cast<double>(state.range(0)), Counter::kIsIterationInvariantRate);
}

void optimizer_step(benchmark::State& state, const Component* component) {
  const bench::Quadratic problem(static_cast<std::size_t>(state.range(0)));
  Setup setup(problem, 1, 1, nullptr);
  try {
    const auto optimizer =
        component->make_optimizer(example_options(*component), problem.tensors());
    optimizer->step(setup.next());
    for (auto _ : state) optimizer->step(setup.next());
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
    return;
  }
  report_step(state);
}

void gradient_alone(benchmark::State& state) {
  const bench::Quadratic problem(static_cast<std::size_t>(state.range(0)));
  Setup setup(problem, 1, 1, nullptr);
  setup.gradient();
  for (auto _ : state) setup.gradient();
  report_step(state);
}

constexpr std::size_t images = 64;  // in two micro-batches

/// `component` may be null: no penalty.
void penalty(benchmark::State& state, const Component* component, const plugin::Registry* plugins,
             const std::string& network) {
  train::TrialSettings settings;
  settings.data.set = {"synthetic10", {{"examples", std::int64_t{256}}}};
  settings.network = {network, {}};
  const auto loaded = train::load_problem(settings, *plugins, {});
  try {
    Setup setup(*loaded.problem, images, images / 2, component);
    setup.gradient();
    const double before = setup.flops();
    for (auto _ : state) setup.gradient();
    const auto iterations = static_cast<double>(state.iterations());
    bench::report(state, {.images = images, .flops = (setup.flops() - before) / iterations});
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

void register_optimizer(const std::string& name, const Component* component) {
  auto* made = component != nullptr
                   ? benchmark::RegisterBenchmark(name.c_str(), optimizer_step, component)
                   : benchmark::RegisterBenchmark(name.c_str(), gradient_alone);
  for (const std::int64_t parameters : {16'384, 262'144, 11'173'962}) made->Arg(parameters);
}

void register_regularizer(const std::string& name, const Component* component,
                          const plugin::Registry& plugins) {
  const bool only_noise = component != nullptr && component->hooks == hook_noise;
  for (const char* network : {"cnn3", "resnet20"}) {
    if (only_noise && nn::usual_noise_sites(nn::find_architecture(network)).empty()) continue;
    const auto full = fmt::format("{}/{}/{}", name, network, images);
    benchmark::RegisterBenchmark(full.c_str(), penalty, component, &plugins, network);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto plugins = plugin::Registry::load(plugin::search_path({}));
  register_optimizer("optimizer/gradient_alone", nullptr);
  register_regularizer("regularizer/gradient_alone", nullptr, plugins);
  for (const plugin::Entry& entry : plugins.entries()) {
    const Component& c = *entry.component;
    const auto name = fmt::format("{}/{}", plugin::to_text(c.kind), c.about.name);
    if (c.kind == ComponentKind::optimizer) register_optimizer(name, &c);
    if (c.kind == ComponentKind::regularizer) register_regularizer(name, &c, plugins);
  }
  return bench::run_registered(argc, argv);
}
