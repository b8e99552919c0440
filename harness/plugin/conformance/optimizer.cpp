// The contract of optimizers, on the reference problem: descends, repeats bit for bit, shares
// nothing, survives a checkpoint, asks and stays finite.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/state.h"
#include "plugin/conformance/checks.h"
#include "plugin/conformance/oracle.h"
#include "plugin/conformance/posterior_checks.h"
#include "plugin/conformance/reference.h"

namespace gapbench::plugin::conformance {
namespace {

constexpr std::uint64_t short_run = 20;
constexpr std::uint64_t long_run = 200;

class OptimizerChecks {
 public:
  explicit OptimizerChecks(const Component& component)
      : component_(component), options_(example_options(component)) {
    const TensorInfo& last = problem_.tensors().back();
    start_.resize(last.offset + last.size);
    problem_.initialize(Random(3), start_);
  }

  Finding descends() {
    const double before = objective(start_);
    Vector w = start_;
    const auto optimizer = make();
    advance(*optimizer, w, 0, short_run);
    if (objective(w) < before) return std::nullopt;
    advance(*optimizer, w, short_run, long_run);
    if (objective(w) < before) return std::nullopt;
    return fmt::format("the objective is {} at the start and {} after {} steps", before,
                       objective(w), long_run);
  }

  Finding stays_finite() {
    Vector w = start_;
    const auto optimizer = make();
    advance(*optimizer, w, 0, long_run);
    if (all_finite(w)) return std::nullopt;
    return "a parameter is not finite after 200 steps";
  }

  Finding asks() {
    Vector w = start_;
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      PlainStep step(problem_, w, k);
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
    Vector w = start_;
    Vector other = shifted(start_, 0.5, start_);
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
    Vector w = start_;
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
    Vector w = start_;
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < short_run; ++k) {
      saved(*optimizer);
      advance(*optimizer, w, k, k + 1);
    }
    if (w == run(short_run)) return std::nullopt;
    return "saving its state changes the steps that follow";
  }

  // Of an optimizer that has taken a while.
  std::unique_ptr<Optimizer> trained() {
    Vector w = start_;
    auto optimizer = make();
    advance(*optimizer, w, 0, long_run);
    return optimizer;
  }

  Finding evaluates_a_point() {
    Vector w = start_;
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
    StateReader reader(component_.about.name, saved(*before));
    after->archive(reader);
    const auto a = before->evaluated();
    const auto b = after->evaluated();
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end())) {
      return "restored from a checkpoint, evaluated() is another point";
    }
    if (before->posterior() == nullptr || !before->posterior()->is_ready()) return std::nullopt;
    Vector drawn[2] = {Vector(start_.size()), Vector(start_.size())};
    before->posterior()->draw(0, Random(21), drawn[0]);
    after->posterior()->draw(0, Random(21), drawn[1]);
    if (drawn[0] == drawn[1]) return std::nullopt;
    return "restored from a checkpoint, its posterior draws otherwise";
  }

  Finding keeps_one_posterior() {
    Vector w = start_;
    const auto optimizer = make();
    const Posterior* first = optimizer->posterior();
    if (first != nullptr && !component_.keeps_posterior)
      return "has a posterior it did not declare";
    advance(*optimizer, w, 0, short_run);
    if (optimizer->posterior() == first) return std::nullopt;
    return "posterior() is another object after some steps";
  }

  std::size_t dimension() const { return start_.size(); }

  Finding rests_at_zero() {
    Vector w = start_;
    const auto optimizer = make();
    for (std::uint64_t k = 0; k < 3; ++k) {
      PlainStep step(problem_, w, k, 0);
      optimizer->step(step);
    }
    if (w == start_) return std::nullopt;
    return "moves the parameters where the schedule's factor is 0";
  }

 private:
  std::unique_ptr<Optimizer> make() const {
    return component_.make_optimizer(options_, problem_.tensors());
  }

  void advance(Optimizer& optimizer, Vector& w, std::uint64_t from, std::uint64_t to) const {
    for (std::uint64_t k = from; k < to; ++k) {
      PlainStep step(problem_, w, k);
      optimizer.step(step);
    }
  }

  Vector run(std::uint64_t steps) const {
    Vector w = start_;
    advance(*make(), w, 0, steps);
    return w;
  }

  std::string saved(Optimizer& optimizer) const {
    StateWriter writer(component_.about.name);
    optimizer.archive(writer);
    return writer.blob();
  }

  // The loss on the first 512 training examples.
  double objective(const Vector& w) const {
    std::vector<std::uint32_t> indices(512);
    for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
    PlainMicroBatch all(problem_, w, indices, Random(1));
    return all.value(problem_.loss());
  }

  const Component& component_;
  Options options_;
  Reference problem_;
  Vector start_;
};

}  // namespace

void check_optimizer(const Component& component, Checks& checks) {
  OptimizerChecks c(component);
  checks.run("asks the oracle in every step", [&] { return c.asks(); });
  checks.run("lowers the objective within 200 steps", [&] { return c.descends(); });
  checks.run("keeps the parameters finite", [&] { return c.stays_finite(); });
  checks.run("repeats bit for bit", [&] { return c.repeats(); });
  checks.run("shares no state between instances", [&] { return c.shares_nothing(); });
  checks.run("continues bit for bit from a checkpoint before the first step",
             [&] { return c.survives_checkpoint(0); });
  checks.run("continues bit for bit from a checkpoint half-way",
             [&] { return c.survives_checkpoint(short_run / 2); });
  checks.run("saves without changing anything", [&] { return c.saving_changes_nothing(); });
  checks.run("evaluated() is a point", [&] { return c.evaluates_a_point(); });
  checks.run("posterior() is one object", [&] { return c.keeps_one_posterior(); });
  checks.run("brings back what it stands for from a checkpoint",
             [&] { return c.restores_what_it_stands_for(); });
  const auto trained = c.trained();
  if (const Posterior* posterior = trained->posterior()) {
    check_draws(*posterior, c.dimension(), "its posterior: ", checks);
  }
  checks.remark("rests where the schedule's factor is 0", [&] { return c.rests_at_zero(); });
}

}  // namespace gapbench::plugin::conformance
