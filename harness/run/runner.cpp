#include "run/runner.h"

#include <algorithm>

#include "gapbench/error.h"
#include "records/record.h"
#include "records/suite_note.h"
#include "run/folder.h"
#include "run/say.h"
#include "run/selection.h"
#include "run/signals.h"
#include "run/trials.h"
#include "run/tuned.h"
#include "run/tuning.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

/// Where no choice is made: the trials that do not wait for one. Not ok, whatever becomes of them.
int run_unchosen(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
                 const Tuned& tuned) {
  const suite::Suite rest = without_choice(suite, options);
  if (rest.trials.empty()) return 2;
  return run_trials(rest, options, folder, tuned.records) == exit_interrupted ? exit_interrupted
                                                                              : 2;
}

/// The trials that count, with what was chosen for them.
int run_chosen(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
               const Tuned& tuned) {
  const auto choices = suite::choices(suite, tuned.tried);
  const suite::Suite final = suite::final_stage(suite, choices);
  if (tuned.is_whole) {
    write_tuning_note(folder, suite, choices, tuned.tried);
    records::write_suite_note(folder, final);  // its trials have their folders only now
    say("{}", choices_text(suite, choices));
  }
  const suite::Suite part = selected(final, options.only, options.shard);
  for (const suite::Trial& trial : part.trials) {
    update_effort(trial, options.results / trial.folder);
  }
  return run_trials(part, options, folder, tuned.records);
}

/// The tuning trials of a share; the exit code of run_trials().
int tune(const suite::Suite& suite, const RunOptions& options, const fs::path& folder) {
  const suite::Suite part = tuning_asked(suite, options, options.shard);
  if (part.trials.empty()) return 0;
  say("tuning {} method{}, {} trials\n", suite.searches.size(),
      suite.searches.size() == 1 ? "" : "s", part.trials.size());
  return run_trials(part, options, folder);
}

int run_tuned(const suite::Suite& suite, const RunOptions& options, const fs::path& folder) {
  if (tune(suite, options, folder) == exit_interrupted) return exit_interrupted;
  const suite::Suite race = with_race(suite, options);
  if (race.trials.size() > suite.trials.size()) {
    say("the tuning seeds leave ties: {} more trials\n", race.trials.size() - suite.trials.size());
    if (tune(race, options, folder) == exit_interrupted) return exit_interrupted;
  }
  const Tuned left = tuned(race, options);
  say("{}", unchosen_text(left, options));
  if (!left.may_choose(options)) return run_unchosen(race, options, folder, left);
  const int code = run_chosen(race, options, folder, left);
  return code == 0 && !left.failures.empty() ? 2 : code;
}

}  // namespace

int run_suite(const suite::Suite& suite, const RunOptions& options) {
  if (suite.trials.empty()) throw Error(suite.source.string(), "the suite has no trials");
  const suite::Suite part = selected(suite, options.only, options.shard);
  const bool counts = std::ranges::any_of(
      part.trials, [](const suite::Trial& trial) { return !trial.settings.tuning; });
  if (!counts && !options.only.is_all()) throw Error("--only", "selects no trial of the suite");
  const WithoutPipeSignal whoever_reads;  // may stop reading
  const fs::path folder = records::suite_folder(options.results, suite);
  require_writable(folder);
  records::write_suite_note(folder, suite);
  if (!suite.searches.empty()) return run_tuned(suite, options, folder);
  if (!part.trials.empty()) return run_trials(part, options, folder);
  say("no trial of the suite falls to this share\n");
  return 0;
}

}  // namespace gapbench::run
