// The contract of optimizers: descends, repeats bit for bit, shares nothing, survives a checkpoint,
// asks and stays finite wherever training may come to.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/state.h"
#include "gapbench/error.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/guarded.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/posterior_checks.h"
#include "plugin/conformance/scenes.h"
#include "plugin/registry.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::uint64_t short_run = 20;
constexpr std::uint64_t long_run = 200;

class OptimizerChecks {
 public:
  OptimizerChecks(const Component& component, Scene scene, const OptionMap& change = {})
      : component_(component),
        options_(example_options(component, change, scene.w.size())),
        scene_(std::move(scene)) {}

  /// In words, before it has seen anything of the problem: a method for small ones alone.
  bool refuses() const {
    try {
      make();
    } catch (const Error&) {
      return true;
    }
    return false;
  }

  Finding descends() {
    const double before = objective(start());
    Vector w = start();
    const auto optimizer = make();
    advance(*optimizer, w, 0, short_run);
    if (objective(w) < before) return std::nullopt;
    advance(*optimizer, w, short_run, long_run);
    if (objective(w) < before) return std::nullopt;
    return fmt::format("the objective is {} at the start and {} after {} steps{}", before,
                       objective(w), long_run, climbs() ? ", and its first step climbs" : "");
  }

  // The first step goes along the gradient more than against it.
  bool climbs() {
    Vector w = start();
    PlainStep step(problem(), w, 0);
    Vector g(w.size());
    step.gradient(g);
    make()->step(step);
    return dot(g, w) > dot(g, start());
  }

  Finding takes_any_order() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      PlainStep step(problem(), w, k);
      optimizer->step(step.backwards());
    }
    if (w == run(short_run)) return std::nullopt;
    return "micro-batches that end in another order give another result";
  }

  Finding leaves_start() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      PlainStep step(problem(), w, k);
      optimizer->step(step);
      if (!step.start_is_whole()) return fmt::format("step {} writes to them", k);
    }
    return std::nullopt;
  }

  Finding stays_finite() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < long_run; ++k) {
      advance(*optimizer, w, k, k + 1);
      if (!all_finite(w)) return fmt::format("a parameter is not finite after step {}", k + 1);
    }
    return std::nullopt;
  }

  Finding asks() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      PlainStep step(problem(), w, k);
      optimizer->step(step);
      if (step.questions() == 0) return fmt::format("step {} asked the oracle nothing", k);
    }
    return std::nullopt;
  }

  Finding repeats() {
    const Vector first = run(short_run);
    if (run(short_run) == first) return std::nullopt;
    return "two runs from the same start differ";
  }

  // The two take turns, on different steps: anything shared would show in one of them.
  Finding shares_nothing() {
    const Vector alone = run(short_run);
    Vector w = start();
    Vector other = shifted(start(), 0.5, start());
    const auto optimizer = make();
    const auto disturber = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      advance(*disturber, other, long_run + k, long_run + k + 1);
      advance(*optimizer, w, k, k + 1);
    }
    if (w == alone) return std::nullopt;
    return "a second instance that takes steps in between changes the result";
  }

  // Saved after `at` steps, restored into a new instance, continued.
  Finding survives_checkpoint(std::uint64_t at) {
    Vector w = start();
    const auto before = make();
    advance(*before, w, 0, at);
    const std::string blob = saved(*before);
    if (saved(*before) != blob) return "archiving twice gives two different states";
    const auto after = make();
    StateReader reader(component_.about.name, blob);
    after->archive(reader);
    reader.finish();
    if (saved(*after) != blob) return "the restored state is not the saved one";
    advance(*after, w, at, short_run);
    if (w == run(short_run)) return std::nullopt;
    return fmt::format("restored after {} steps, it goes another way; archive must name all state",
                       at);
  }

  Finding saving_changes_nothing() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      saved(*optimizer);
      advance(*optimizer, w, k, k + 1);
    }
    if (w == run(short_run)) return std::nullopt;
    return "saving its state changes the steps that follow";
  }

  // Of an optimizer that has taken a while.
  std::unique_ptr<Optimizer> trained() const {
    Vector w = start();
    auto optimizer = make();
    advance(*optimizer, w, 0, long_run);
    return optimizer;
  }

  Finding evaluates_a_point() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      const auto point = optimizer->evaluated();
      if (!point.empty() && point.size() != w.size()) {
        return fmt::format("evaluated() has {} numbers, must have {} or none", point.size(),
                           w.size());
      }
      if (!all_finite(point)) return fmt::format("evaluated() is not finite before step {}", k);
      advance(*optimizer, w, k, k + 1);
    }
    return std::nullopt;
  }

  // Both are what a checkpoint must bring back: they are asked after a restart, too.
  Finding restores_what_it_stands_for() {
    const auto before = trained();
    const auto after = make();
    const std::string blob = saved(*before);
    StateReader reader(component_.about.name, blob);
    after->archive(reader);
    const auto a = before->evaluated();
    const auto b = after->evaluated();
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) {
      return "restored from a checkpoint, evaluated() is another point";
    }
    if (before->posterior() == nullptr || !before->posterior()->is_ready()) return std::nullopt;
    Vector drawn[2] = {Vector(start().size()), Vector(start().size())};
    before->posterior()->draw(0, Random(21), drawn[0]);
    after->posterior()->draw(0, Random(21), drawn[1]);
    if (drawn[0] == drawn[1]) return std::nullopt;
    return "restored from a checkpoint, its posterior draws otherwise";
  }

  Finding keeps_one_posterior() {
    Vector w = start();
    const auto optimizer = make();
    const Posterior* first = optimizer->posterior();
    if (first != nullptr && !component_.keeps_posterior) {
      return "has a posterior it did not declare";
    }
    advance(*optimizer, w, 0, short_run);
    if (optimizer->posterior() == first) return std::nullopt;
    return "posterior() is another object after some steps";
  }

  std::size_t dimension() const { return start().size(); }

  Finding rests_at_zero() {
    Vector w = start();
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < 3; ++k) {
      PlainStep step(problem(), w, k, 0);
      optimizer->step(step);
    }
    if (w == start()) return std::nullopt;
    return "moves the parameters where the schedule's factor is 0";
  }

  Vector run(std::uint64_t steps) const {
    Vector w = start();
    advance(*make(), w, 0, steps);
    return w;
  }

 private:
  std::unique_ptr<Optimizer> make() const {
    return component_.make_optimizer(options_, problem().tensors());
  }

  void advance(Optimizer& optimizer, Vector& w, std::uint64_t from, std::uint64_t to) const {
    Guarded guarded(w);
    for (std::uint64_t k = from; k < to; ++k) {
      PlainStep step(problem(), guarded.values(), k);
      optimizer.step(step);
    }
    guarded.require_marks("the parameters");
    w.assign(guarded.values().begin(), guarded.values().end());
  }

  const Problem& problem() const { return *scene_.problem; }
  const Vector& start() const { return scene_.w; }

  std::string saved(Optimizer& optimizer) const {
    StateWriter writer(component_.about.name);
    optimizer.archive(writer);
    return writer.blob();
  }

  // The loss on the first 512 training examples.
  double objective(const Vector& w) const {
    std::vector<std::uint32_t> indices(512);
    for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
    PlainMicroBatch all(problem(), w, indices, Random(1));
    return all.value(problem().loss());
  }

  const Component& component_;
  Options options_;
  Scene scene_;
};

// Of an optimizer at the end of a run, where it has one.
void check_own_posterior(const Component& component, Checks& checks) {
  struct Whole {
    explicit Whole(const Component& c) : checks(c, usual_scene(3)), optimizer(checks.trained()) {}
    OptimizerChecks checks;
    std::unique_ptr<Optimizer> optimizer;
  };
  const MakePosterior own = [&component] {
    const auto whole = std::make_shared<Whole>(component);
    return std::shared_ptr<const Posterior>(whole, whole->optimizer->posterior());
  };
  if (!checks.ask([&] { return own() != nullptr; })) return;
  check_draws(own, OptimizerChecks(component, usual_scene(3)).dimension(),
              "its posterior: ", checks);
}

bool is_weight_decay(const OptionSpec& spec) {
  const std::string_view name = spec.name;
  return spec.kind == OptionKind::real &&
         (name == "decay" || name.find("weight_decay") != name.npos);
}

// Where every gradient is 0, what is left is the decay itself.
Finding decays(const Component& component) {
  constexpr double strength = 0.01;
  for (const OptionSpec& spec : options_of(component)) {
    if (!is_weight_decay(spec) || mismatch(spec, 0.0) || mismatch(spec, strength)) continue;
    const auto length = [&](double decay) {
      const OptimizerChecks c(component, still_scene(), {{spec.name, decay}});
      return norm(c.run(short_run));
    };
    const double with = length(strength);
    const double without = length(0);
    if (with <= without) continue;
    return fmt::format(
        "where every gradient is 0, the parameters have length {} at {}=0 and {} at "
        "{}={}",
        without, spec.name, with, spec.name, strength);
  }
  return std::nullopt;
}

// A number without a lower bound means the same below 0, or it is refused.
Finding climbs_below_zero(const Component& component) {
  for (const OptionSpec& spec : options_of(component)) {
    if (spec.kind != OptionKind::real) continue;
    const double given = example_options(component).real(spec.name);
    if (!(given > 0) || mismatch(spec, -given)) continue;
    try {
      OptimizerChecks below(component, usual_scene(3), {{spec.name, -given}});
      if (!OptimizerChecks(component, usual_scene(3)).descends() && below.descends()) {
        return fmt::format("{}={} is accepted, and the objective rises", spec.name, -given);
      }
    } catch (const Error&) {
      continue;
    }
  }
  return std::nullopt;
}

}  // namespace

void check_optimizer(const Component& component, Checks& checks) {
  using Check = Finding (OptimizerChecks::*)();
  const auto body = [&component](Scene (*scene)(), Check check) {
    return [&component, scene, check] { return (OptimizerChecks(component, scene()).*check)(); };
  };
  const auto usual = [] { return usual_scene(3); };
  const auto wide = [] { return wide_scene(8192); };
  const auto run = [&](const char* name, Scene (*scene)(), Check check) {
    return checks.run(name, body(scene, check));
  };
  const auto resumes = [&](std::uint64_t at) {
    return [&component, usual, at] {
      return OptimizerChecks(component, usual()).survives_checkpoint(at);
    };
  };
  run("asks the oracle in every step", usual, &OptimizerChecks::asks);
  run("lowers the objective within 200 steps", usual, &OptimizerChecks::descends);
  run("keeps the parameters finite", usual, &OptimizerChecks::stays_finite);
  run("keeps them finite from parameters of 0", zero_scene, &OptimizerChecks::stays_finite);
  run("keeps them finite where every gradient is 0", still_scene, &OptimizerChecks::stays_finite);
  // What is shared makes every run another one: the checks that compare runs would blame the rest.
  if (run("shares no state between instances", usual, &OptimizerChecks::shares_nothing)) {
    run("repeats bit for bit", usual, &OptimizerChecks::repeats);
    const std::string on_many = "repeats bit for bit on 32,768 parameters";
    if (checks.ask([&] { return OptimizerChecks(component, wide()).refuses(); })) {
      checks.remark(on_many, [] { return Finding("refuses a layer of 8,192 inputs in words"); });
    } else {
      checks.run(on_many, body(wide, &OptimizerChecks::repeats));
    }
    checks.run("continues bit for bit from a checkpoint before the first step", resumes(0));
    checks.run("continues bit for bit from a checkpoint half-way", resumes(short_run / 2));
    run("saves without changing anything", usual, &OptimizerChecks::saving_changes_nothing);
    run("gives the same in any order of micro-batches", usual, &OptimizerChecks::takes_any_order);
  }
  run("leaves initial_parameters() as they are", usual, &OptimizerChecks::leaves_start);
  run("evaluated() is a point", usual, &OptimizerChecks::evaluates_a_point);
  run("posterior() is one object", usual, &OptimizerChecks::keeps_one_posterior);
  run("brings back what it stands for from a checkpoint", usual,
      &OptimizerChecks::restores_what_it_stands_for);
  check_own_posterior(component, checks);
  checks.run("a weight decay makes no parameter larger", [&] { return decays(component); });
  checks.run("a negative value of an option is refused or descends",
             [&] { return climbs_below_zero(component); });
  check_first_step(component, checks);
  checks.remark("rests where the schedule's factor is 0",
                body(usual, &OptimizerChecks::rests_at_zero));
}

}  // namespace gapbench::plugin::conformance
