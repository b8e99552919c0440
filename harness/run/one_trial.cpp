#include "run/one_trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record.h"
#include "records/suite_note.h"
#include "run/folder.h"
#include "run/lease.h"
#include "run/say.h"
#include "run/trials.h"
#include "run/tuned.h"
#include "run/tuning.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

std::size_t count_tuning(const suite::Suite& suite) {
  return static_cast<std::size_t>(std::ranges::count_if(
      suite.trials, [](const suite::Trial& trial) { return trial.settings.tuning; }));
}

/// The trial on the same problem, with the same seed, of the method that is followed.
std::size_t followed(const suite::Suite& suite, const suite::Trial& trial,
                     const train::TrajectorySource& source) {
  const fs::path problem = trial.folder.parent_path().parent_path();
  const auto found = std::ranges::find_if(suite.trials, [&](const suite::Trial& other) {
    return other.settings.method == source.method && other.settings.seed == trial.settings.seed &&
           other.folder.parent_path().parent_path() == problem;
  });
  if (found == suite.trials.end()) {
    throw Error(trial.folder.string(), "follows " + source.method + ", which is not in the suite");
  }
  return static_cast<std::size_t>(found - suite.trials.begin());
}

void add_followed(const suite::Suite& suite, std::size_t index, std::vector<std::size_t>& all) {
  if (std::ranges::find(all, index) != all.end()) return;
  const suite::Trial& trial = suite.trials[index];
  for (const train::TrajectorySource& source : trial.settings.sources) {
    add_followed(suite, followed(suite, trial, source), all);
  }
  all.push_back(index);
}

suite::Suite only(const suite::Suite& suite, const std::vector<std::size_t>& indices) {
  suite::Suite part = suite;
  part.trials.clear();
  for (const std::size_t i : indices) part.trials.push_back(suite.trials[i]);
  return part;
}

/// Steps on disk: those that count, of whatever end.
std::uint64_t steps_there(const suite::Suite& suite, const fs::path& results) {
  std::uint64_t steps = 0;
  for (const suite::Trial& trial : suite.trials) {
    try {
      const records::Record record = records::read_record(results / trial.folder);
      if (record.identity == trial.identity) steps += record.outcome.step;
    } catch (const SystemError&) {
      throw;
    } catch (const Error&) {  // not begun, or damaged: none
    }
  }
  return steps;
}

/// Whether the trial stands interrupted and nobody is at it. Its worker may have been told to stop
/// before its run was.
bool stands_interrupted(const suite::Trial& trial, const RunOptions& options) {
  const fs::path folder = options.results / trial.folder;
  const records::FolderState state = records::inspect(folder, trial.identity);
  return !state.finished && state.status == train::Status::interrupted &&
         !is_leased(folder, options.lease_seconds);
}

int run_in_stage(const suite::Suite& stage, std::size_t index, const RunOptions& options,
                 const fs::path& folder, const std::vector<records::Record>& tuned) {
  const suite::Suite all = only(stage, with_followed(stage, index));
  const std::uint64_t before = steps_there(all, options.results);
  suite::Suite sources = all;
  sources.trials.pop_back();
  int code = 0;
  const bool are_there = std::ranges::all_of(sources.trials, [&](const suite::Trial& source) {
    return records::is_finished(options.results / source.folder, source.identity);
  });
  if (!are_there) {
    RunOptions plain = options;
    plain.retry.clear();
    plain.force = plain.redo_changed = false;
    code = run_trials(sources, plain, folder, tuned);
  }
  const suite::Suite one = only(stage, {index});
  if (code != exit_interrupted) code = run_trials(one, options, folder, tuned);
  if (code == 2 && stands_interrupted(one.trials.front(), options)) code = exit_interrupted;
  if (code != exit_interrupted || steps_there(all, options.results) > before) return code;
  say("not a step further than before: the time limit is too short to go on with this trial\n");
  return 2;
}

std::string place(const suite::Trial& trial) {
  return trial.folder.lexically_relative(*trial.folder.begin()).generic_string();
}

/// Of the trials with their settings, those that suite.json names by the places that they had before
/// these were chosen; all where there is none. Nothing where it names them as they are.
std::optional<suite::Suite> to_be_noted(const fs::path& folder, const suite::Suite& suite,
                                        const suite::Suite& chosen) {
  std::set<std::string> noted;
  try {
    const auto note = records::read_suite_note(folder / "suite.json");
    noted.insert(note.trials.begin(), note.trials.end());
  } catch (const SystemError&) {
    throw;
  } catch (const Error&) {  // none, or damaged
    return chosen;
  }
  const std::size_t tuning = count_tuning(suite);
  suite::Suite part = chosen;
  part.trials.clear();
  bool is_news = false;
  for (std::size_t i = 0; i < chosen.trials.size(); ++i) {
    const bool is_there = noted.contains(place(chosen.trials[i]));
    if (!is_there && !noted.contains(place(suite.trials[tuning + i]))) continue;
    is_news = is_news || !is_there;
    part.trials.push_back(chosen.trials[i]);
  }
  if (!is_news) return std::nullopt;
  return part;
}

/// Tasks that choose at the same time write the same.
void note_choice(const fs::path& folder, const suite::Suite& suite, const suite::Suite& chosen,
                 const std::vector<suite::Choice>& choices, const Tuned& left) {
  if (!left.is_whole) return;
  const std::string note = tuning_note(suite, choices, left.tried);
  const bool is_noted = is_there(folder / tuning_file) && read_file(folder / tuning_file) == note;
  if (!is_noted) write_file_atomically(folder / tuning_file, note);
  if (const auto part = to_be_noted(folder, suite, chosen)) {
    records::write_suite_note(folder, *part);
  }
}

}  // namespace

std::vector<std::size_t> with_followed(const suite::Suite& suite, std::size_t index) {
  std::vector<std::size_t> all;
  add_followed(suite, index, all);
  return all;
}

int run_one_trial(const suite::Suite& suite, std::size_t index, const RunOptions& options) {
  if (index >= suite.trials.size()) {
    throw Error("--trial", fmt::format("must be less than the {} trials of the suite, got {}",
                                       suite.trials.size(), index));
  }
  const fs::path folder = records::suite_folder(options.results, suite);
  require_writable(folder);
  if (suite.searches.empty()) return run_in_stage(suite, index, options, folder, {});
  const std::size_t tuning = count_tuning(suite);
  if (index < tuning) {
    return run_in_stage(suite::tuning_stage(suite), index, options, folder, {});
  }
  const Tuned left = tuned(suite, options);
  if (!left.may_choose(options)) {
    if (!suite.trials[index].identity.empty()) {
      return run_in_stage(suite, index, options, folder, left.records);
    }
    say("{}", unchosen_text(left, options));
    return 2;
  }
  const auto choices = suite::choices(suite, left.tried);
  const suite::Suite chosen = suite::final_stage(suite, choices);
  note_choice(folder, suite, chosen, choices, left);
  const suite::Trial& trial = chosen.trials[index - tuning];
  update_effort(trial, options.results / trial.folder);
  return run_in_stage(chosen, index - tuning, options, folder, left.records);
}

}  // namespace gapbench::run
