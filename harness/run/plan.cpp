#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "core/file.h"
#include "gapbench/error.h"
#include "nn/precision.h"
#include "records/trajectory.h"
#include "run/environment.h"
#include "run/limits.h"
#include "run/process.h"
#include "run/progress.h"

namespace gapbench::run {
namespace {

std::size_t threads_of(const train::TrialSettings& settings, const RunOptions& options,
                       std::size_t cores, std::size_t side_by_side) {
  if (options.threads) return *options.threads;
  if (settings.threads > 1) return settings.threads;
  return std::max<std::size_t>(1, cores / side_by_side);
}

/// What a quota leaves of the cores in whole ones, at least one.
std::size_t whole_cores(double quota, std::size_t cores) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(quota), 1,
                                 std::max<std::size_t>(1, cores));
}

void require_positive(const RunOptions& options) {
  if (options.jobs == 0) throw Error("jobs", "must be at least 1, got 0");
  if (options.threads == std::size_t{0}) throw Error("threads", "must be at least 1, got 0");
  if (options.timeout_seconds && !(*options.timeout_seconds > 0)) {
    throw Error("timeout", fmt::format("must be more than 0 s, got {}", *options.timeout_seconds));
  }
}

/// What lies on disk, and whether it still serves: a trial that others follow must have its steps
/// recorded, and one that was skipped runs when its sources no longer stand in the way.
class Standing {
 public:
  Standing(const suite::Suite& suite, const RunOptions& options) : options_(options) {
    for (const suite::Trial& trial : suite.trials) by_identity_[trial.identity] = &trial;
  }

  /// The plugins of a finished trial, and of those it follows, whose libraries are others now. What
  /// is not known is not held against it.
  std::set<std::string> other_builds(const suite::Trial& trial) const {
    std::set<std::string> others;
    if (options_.plugins == nullptr || !of(trial).finished) return others;
    const auto recorded = records::read_record(options_.results / trial.folder).plugins;
    for (const auto& [name, hash] : hashes_here(trial)) {
      const auto then = recorded.find(name);
      if (then != recorded.end() && then->second != hash) others.insert(name);
    }
    for (const auto& source : trial.settings.sources) {
      const auto known = by_identity_.find(source.identity);
      if (known != by_identity_.end()) others.merge(other_builds(*known->second));
    }
    return others;
  }

  records::FolderState of(const suite::Trial& trial) const {
    const auto folder = options_.results / trial.folder;
    records::FolderState state = records::inspect(folder, trial.identity);
    if (!state.finished) return state;
    if (options_.retry.contains(state.status)) {
      return {false, state.status, fmt::format("{}; --retry", train::to_text(state.status))};
    }
    if (trial.settings.record_steps && state.status == train::Status::ok &&
        !is_there(folder / records::steps_file)) {
      return {false, state.status, "another method follows its steps, which were not recorded"};
    }
    if (trial.settings.record_end && state.status == train::Status::ok &&
        !is_there(folder / records::end_file)) {
      return {false, state.status, "another method needs its end, which was not kept"};
    }
    if (state.status == train::Status::skipped && sources_may_serve(trial)) {
      return {false, state.status, "what it follows is there now"};
    }
    return state;
  }

 private:
  /// Nothing where one of its plugins is not here at all: its worker will say so.
  std::map<std::string, std::string> hashes_here(const suite::Trial& trial) const {
    try {
      return plugin_hashes(trial.settings, *options_.plugins);
    } catch (const Error&) {
      return {};
    }
  }

  /// Whether all that it follows is ok, or runs again. What is not in the suite is as its record is.
  bool sources_may_serve(const suite::Trial& trial) const {
    if (trial.settings.sources.empty()) return false;
    const auto is_known = [this](const auto& s) { return by_identity_.contains(s.identity); };
    if (std::ranges::none_of(trial.settings.sources, is_known)) {
      return !records::unusable_source(trial.settings, options_.results / trial.folder);
    }
    return std::ranges::all_of(trial.settings.sources, [this](const auto& source) {
      const auto known = by_identity_.find(source.identity);
      if (known == by_identity_.end()) return false;  // of another share
      const records::FolderState state = of(*known->second);
      return !state.finished || state.status == train::Status::ok;
    });
  }

  const RunOptions& options_;
  std::map<std::string, const suite::Trial*> by_identity_;
};

void add_trial(const suite::Trial& trial, std::size_t index, const Standing& standing,
               const RunOptions& options, Plan& plan) {
  records::FolderState state = standing.of(trial);
  const std::set<std::string> others = standing.other_builds(trial);
  const bool redo = options.force || (options.redo_changed && !others.empty());
  if (state.finished && !redo) {
    ++plan.finished_before[state.status];
    for (const std::string& plugin : others) ++plan.of_another_build[plugin];
    return;
  }
  const std::string why_not = nn::why_not_here(trial.settings.network.options);
  if (!why_not.empty() && options.where != Where::elsewhere) {
    ++plan.not_here[trial.settings.network.name + ": " + why_not];
    return;
  }
  plan.tasks.push_back(index);
  if (state.finished) {
    state.why = options.force ? "--force"
                              : fmt::format("made by another build of {}", fmt::join(others, ", "));
  }
  plan.why.push_back(std::move(state.why));
  plan.clear.push_back(options.force || state.finished);
  const auto folder = options.results / trial.folder;
  const records::FolderState there = records::inspect(folder, trial.identity);
  plan.ended_as.push_back(there.finished ? std::optional(there.status) : std::nullopt);
  plan.records.push_back(records::planned_record(trial.settings, trial.identity));
  plan.records.back().folder = folder;
}

}  // namespace

std::vector<std::vector<int>> share_cores(const std::vector<int>& cores, std::size_t count,
                                          std::size_t threads) {
  std::vector<std::vector<int>> slots(count);
  if (cores.empty()) return slots;
  for (std::size_t slot = 0; slot < count; ++slot) {
    for (std::size_t i = 0; i < std::min(threads, cores.size()); ++i) {
      slots[slot].push_back(cores[(slot * threads + i) % cores.size()]);
    }
    std::sort(slots[slot].begin(), slots[slot].end());
  }
  return slots;
}

Plan make_plan(const suite::Suite& suite, const RunOptions& options) {
  require_positive(options);
  Plan plan;
  const Standing standing(suite, options);
  for (std::size_t i = 0; i < suite.trials.size(); ++i) {
    add_trial(suite.trials[i], i, standing, options, plan);
  }
  if (plan.tasks.empty()) return plan;
  const std::vector<int> cores = allowed_cores();
  const std::optional<double> quota = cpu_quota(options.system);
  const std::size_t granted = quota ? whole_cores(*quota, cores.size()) : cores.size();
  const std::size_t side_by_side = std::min(options.jobs, plan.tasks.size());
  std::size_t most = 1;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    const auto& settings = suite.trials[plan.tasks[i]].settings;
    plan.records[i].threads = threads_of(settings, options, granted, side_by_side);
    most = std::max(most, plan.records[i].threads);
  }
  plan.shared = side_by_side > 1 || options.where != Where::here;
  plan.slots = options.where == Where::here ? share_cores(cores, side_by_side, most)
                                            : std::vector<std::vector<int>>(side_by_side);
  for (records::Record& record : plan.records) record.shared_machine = plan.shared;
  if (side_by_side * most > cores.size()) {
    plan.warnings.push_back(fmt::format("{} threads on {} cores: they slow each other down",
                                        side_by_side * most, cores.size()));
  }
  if (quota && static_cast<double>(side_by_side * most) > *quota) {
    plan.warnings.push_back(
        fmt::format("{} threads on a quota of {:.3g} cores: they are held up, and times are longer "
                    "than on a machine of their own",
                    side_by_side * most, *quota));
  }
  return plan;
}

std::vector<records::Record> finished_records(const suite::Suite& suite,
                                              const std::filesystem::path& results) {
  std::vector<records::Record> records;
  for (const suite::Trial& trial : suite.trials) {
    const auto folder = results / trial.folder;
    if (records::is_finished(folder, trial.identity))
      records.push_back(records::read_record(folder));
  }
  return records;
}

}  // namespace gapbench::run
