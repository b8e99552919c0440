#include "run/slurm/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "run/one_trial.h"
#include "run/plan.h"
#include "run/tuned.h"

namespace gapbench::run::slurm {
namespace {

std::string place(const suite::Trial& trial) {
  return trial.folder.lexically_relative(*trial.folder.begin()).generic_string();
}

/// Collects what is open of one stage after the other.
class Collector {
 public:
  Collector(const suite::Suite& whole, const suite::Suite& part, const RunOptions& options)
      : whole_(whole), part_(part), options_(options) {
    options_.where = Where::elsewhere;
    for (std::size_t i = 0; i < whole.trials.size(); ++i) {
      index_[whole.trials[i].folder] = i;
      if (whole.trials[i].settings.tuning) tuning_.push_back(i);
    }
  }

  Standing collect() {
    if (part_.searches.empty()) {
      add(selected(part_, options_.only, options_.shard));
      return result(true);
    }
    add(tuning_asked(part_, options_, options_.shard));
    const bool is_tuned = standing_.open.empty();
    const Tuned left = tuned(part_, options_);
    if (is_tuned) standing_.text += unchosen_text(left, options_);
    if (is_tuned && left.may_choose(options_)) {
      add(chosen(left));
      return result(left.failures.empty());
    }
    suite::Suite rest = part_;
    std::erase_if(rest.trials, [&](const suite::Trial& trial) {
      return trial.settings.tuning || (is_tuned && trial.identity.empty());
    });
    add(selected(rest, options_.only, options_.shard));
    return result(false);
  }

 private:
  /// The trials that count, with what was chosen for them.
  suite::Suite chosen(const Tuned& left) {
    const suite::Suite final = suite::final_stage(part_, suite::choices(part_, left.tried));
    const std::size_t tuning = part_.trials.size() - final.trials.size();
    for (std::size_t i = 0; i < final.trials.size(); ++i) {
      index_[final.trials[i].folder] = index_.at(part_.trials[tuning + i].folder);
    }
    return selected(final, options_.only, options_.shard);
  }

  void add(const suite::Suite& stage) {
    suite::Suite known = stage;
    std::erase_if(known.trials, [](const suite::Trial& t) { return t.identity.empty(); });
    const Plan plan = make_plan(known, options_);
    std::set<std::filesystem::path> open;
    for (const std::size_t task : plan.tasks) open.insert(known.trials[task].folder);
    for (const suite::Trial& trial : stage.trials) {
      if (trial.identity.empty() || open.contains(trial.folder)) add_open(trial);
    }
    for (const auto& [status, count] : plan.finished_before) {
      standing_.finished += count;
      is_ok_ = is_ok_ && (status == train::Status::ok || stage.trials.front().settings.tuning);
    }
  }

  void add_open(const suite::Trial& trial) {
    Open open{{index_.at(trial.folder), place(trial)}, trial.settings.tuning, {}};
    open.after = with_followed(whole_, open.task.index);
    const bool waits_for_choice = trial.identity.empty();
    open.after.pop_back();
    if (waits_for_choice) open.after.insert(open.after.end(), tuning_.begin(), tuning_.end());
    standing_.open.push_back(std::move(open));
  }

  Standing result(bool is_ok) {
    standing_.is_ok = is_ok && is_ok_ && standing_.open.empty();
    return std::move(standing_);
  }

  const suite::Suite& whole_;
  const suite::Suite& part_;
  RunOptions options_;
  std::map<std::filesystem::path, std::size_t> index_;  ///< in the whole suite
  std::vector<std::size_t> tuning_;
  Standing standing_;
  bool is_ok_ = true;  ///< what has ended of the trials that count
};

/// How many arrays must have ended before each of the trials can begin, by index.
std::map<std::size_t, std::size_t> levels(const std::map<std::size_t, const Open*>& submitted) {
  std::map<std::size_t, std::size_t> known;
  const std::function<std::size_t(std::size_t)> level = [&](std::size_t index) {
    if (const auto found = known.find(index); found != known.end()) return found->second;
    std::size_t most = 0;
    for (const std::size_t other : submitted.at(index)->after) {
      if (submitted.contains(other)) most = std::max(most, level(other) + 1);
    }
    return known[index] = most;
  };
  for (const auto& [index, open] : submitted) level(index);
  return known;
}

/// Slurm's array of each trial that it has, by the trial's index.
std::map<std::size_t, std::string> live_arrays(const std::vector<Open>& open, const Queue& queue) {
  std::map<std::size_t, std::string> arrays;
  for (const Open& trial : open) {
    if (const auto live = find(queue, trial.task.place)) arrays[trial.task.index] = live->array;
  }
  return arrays;
}

std::set<std::string> jobs_before(const Open& trial,
                                  const std::map<std::size_t, std::string>& live) {
  std::set<std::string> jobs;
  for (const std::size_t other : trial.after) {
    if (live.contains(other)) jobs.insert(live.at(other));
  }
  return jobs;
}

/// Trials of one array: tuning comes first, then what waits for less; and they wait for the same of
/// what Slurm has already.
using Kind = std::tuple<bool, std::size_t, std::set<std::string>>;

}  // namespace

Standing standing(const suite::Suite& whole, const suite::Suite& part, const RunOptions& options) {
  return Collector(whole, part, options).collect();
}

std::vector<Group> groups(const std::vector<Open>& open, const Queue& queue, std::size_t largest,
                          bool chained) {
  const auto live = live_arrays(open, queue);
  std::map<std::size_t, const Open*> submitted;
  for (const Open& trial : open) {
    if (!live.contains(trial.task.index)) submitted[trial.task.index] = &trial;
  }
  const auto level = levels(submitted);
  std::map<Kind, std::vector<const Open*>> kinds;
  for (const auto& [index, trial] : submitted) {
    kinds[{!trial->tuning, level.at(index), jobs_before(*trial, live)}].push_back(trial);
  }
  std::vector<Group> all;
  std::map<std::size_t, std::size_t> group_of;  // by index
  for (const auto& [kind, trials] : kinds) {
    const std::size_t first_of_kind = all.size();
    for (std::size_t begin = 0; begin < trials.size(); begin += largest) {
      Group group;
      std::set<std::size_t> groups_before;
      if (chained && all.size() > first_of_kind) groups_before.insert(all.size() - 1);
      for (std::size_t i = begin; i < std::min(trials.size(), begin + largest); ++i) {
        group.tasks.push_back(trials[i]->task);
        for (const std::size_t other : trials[i]->after) {
          if (group_of.contains(other)) groups_before.insert(group_of.at(other));
        }
      }
      for (const Task& task : group.tasks) group_of[task.index] = all.size();
      group.after_groups.assign(groups_before.begin(), groups_before.end());
      const auto& jobs = std::get<2>(kind);
      group.after_jobs.assign(jobs.begin(), jobs.end());
      all.push_back(std::move(group));
    }
  }
  return all;
}

}  // namespace gapbench::run::slurm
