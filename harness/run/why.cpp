#include "run/why.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gapbench/error.h"
#include "nn/precision.h"
#include "records/flat_settings.h"
#include "records/record.h"
#include "records/text.h"
#include "run/environment.h"
#include "run/plan.h"
#include "run/tuned.h"
#include "run/tuning.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

/// Settings, and the identities of what is followed. How they were chosen is no part of a trial.
OptionMap ingredients(const train::TrialSettings& settings) {
  OptionMap all = records::flat_settings(settings);
  std::erase_if(all, [](const auto& entry) { return entry.first.starts_with("tune."); });
  for (const train::TrajectorySource& source : settings.sources) {
    all["source " + source.option] = source.identity.substr(0, 8);
  }
  return all;
}

std::string shown(const OptionMap& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? "none" : to_text(found->second);
}

/// A record of the same method and seed on the same problem, of other settings.
struct Relative {
  std::string name;
  std::vector<std::string> changes;
};

/// The one that differs in the least.
std::optional<Relative> nearest(const suite::Trial& trial, const fs::path& folder) {
  std::optional<Relative> best;
  const std::string head = fmt::format("seed-{}-", trial.settings.seed);
  std::error_code code;
  std::vector<fs::path> there;
  for (const auto& entry : fs::directory_iterator(folder.parent_path(), code)) {
    if (entry.path().filename().string().starts_with(head)) there.push_back(entry.path());
  }
  std::ranges::sort(there);
  for (const fs::path& other : there) {
    if (other.filename() == folder.filename()) continue;
    try {
      auto changes = changed_ingredients(suite::read_trial(other / "trial.yaml"), trial.settings);
      if (changes.empty()) changes.emplace_back("the protocol of gapbench");
      if (best && best->changes.size() <= changes.size()) continue;
      best = Relative{other.filename().string(), std::move(changes)};
    } catch (const Error&) {  // no record, or one that cannot be read: nothing to compare with
    }
  }
  return best;
}

std::string why_new(const suite::Trial& trial, const fs::path& folder) {
  const auto relative = nearest(trial, folder);
  if (!relative) return "new";
  return fmt::format("{} differs: {}", relative->name, fmt::join(relative->changes, "; "));
}

/// Of a trial that does not run. What a finished one was made with and is no longer so is no reason
/// to run it again by itself.
std::string why_it_stays(const suite::Trial& trial, const fs::path& folder,
                         const plugin::Registry& plugins) {
  if (!records::is_finished(folder, trial.identity)) {
    return nn::why_not_here(trial.settings.network.options);
  }
  const records::Record record = records::read_record(folder);
  std::string text = train::to_text(record.outcome.status);
  for (const auto& [name, hash] : plugin_hashes(trial.settings, plugins)) {
    const auto then = record.plugins.find(name);
    if (then != record.plugins.end() && then->second == hash) continue;
    text += fmt::format("; plugin {} is another library now", name);
  }
  if (record.build != build_text()) text += fmt::format("; made by {}", record.build);
  return text;
}

std::string name_of(const suite::Trial& trial, const fs::path& results) {
  records::Record record = records::planned_record(trial.settings, trial.identity);
  record.folder = results / trial.folder;
  return records::trial_text(record);
}

void explain_stage(const suite::Suite& stage, const RunOptions& options,
                   const plugin::Registry& plugins, std::vector<Reason>& reasons) {
  const Plan plan = make_plan(stage, options);
  std::size_t next = 0;
  for (std::size_t i = 0; i < stage.trials.size(); ++i) {
    const suite::Trial& trial = stage.trials[i];
    const fs::path folder = options.results / trial.folder;
    const bool runs = next < plan.tasks.size() && plan.tasks[next] == i;
    std::string why = runs ? plan.why[next] : why_it_stays(trial, folder, plugins);
    if (runs && why.empty()) why = why_new(trial, folder);
    reasons.push_back({name_of(trial, options.results), runs, std::move(why)});
    next += runs ? 1 : 0;
  }
}

}  // namespace

std::vector<std::string> changed_ingredients(const train::TrialSettings& then,
                                             const train::TrialSettings& now) {
  const OptionMap before = ingredients(then);
  const OptionMap after = ingredients(now);
  OptionMap all = before;
  all.insert(after.begin(), after.end());
  std::vector<std::string> changes;
  for (const auto& [key, value] : all) {
    const auto a = before.find(key);
    const auto b = after.find(key);
    if (a != before.end() && b != after.end() && a->second == b->second) continue;
    changes.push_back(fmt::format("{}: {}, now {}", key, shown(before, key), shown(after, key)));
  }
  return changes;
}

std::vector<Reason> explain(const suite::Suite& suite, const RunOptions& options,
                            const plugin::Registry& plugins) {
  std::vector<Reason> reasons;
  if (suite.searches.empty()) {
    explain_stage(suite, options, plugins, reasons);
    return reasons;
  }
  const suite::Suite race = with_race(suite, options);
  const suite::Suite tuning = suite::tuning_stage(race);
  explain_stage(tuning, options, plugins, reasons);
  const auto tried = tuning_results(tuning, options.results);
  const bool is_chosen =
      options.choose_without_failed ||
      std::ranges::all_of(tried, [](const suite::Tried& t) { return t.failed.empty(); });
  if (is_chosen) {
    explain_stage(suite::final_stage(race, suite::choices(race, tried)), options, plugins, reasons);
    return reasons;
  }
  for (const suite::Trial& trial : suite.trials) {
    if (trial.settings.tuning) continue;
    reasons.push_back({name_of(trial, options.results), true, "waits for its tuning"});
  }
  return reasons;
}

}  // namespace gapbench::run
