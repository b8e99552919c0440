#include "run/runner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record.h"
#include "records/suite_note.h"
#include "run/plan.h"
#include "run/say.h"
#include "run/selection.h"
#include "run/signals.h"
#include "run/trials.h"
#include "run/tuning.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

/// Says now, not after an hour of training, that nothing can be written there.
void require_writable(const fs::path& folder) {
  make_folder(folder);
  const fs::path test = folder / fmt::format(".write-test.{}", getpid());
  write_file_atomically(test, std::string(4096, '\n'));
  fs::remove(test);
}

/// What tuning has left.
struct Tuned {
  suite::Suite stage;                    ///< every tuning trial of the suite
  suite::Suite asked;                    ///< those that the selection waits for
  std::vector<suite::Tried> tried;       ///< of the stage
  std::vector<records::Record> records;  ///< of the stage, for the forecast
};

/// The selected methods, and those whose choice they take over.
Selection tuning_selection(const suite::Suite& suite, const RunOptions& options) {
  Selection only = options.only;
  if (only.methods.empty()) return only;
  for (const suite::Search& search : suite.searches) {
    const std::string base = search.method.substr(0, search.method.find('['));
    const bool is_named = std::ranges::find(only.methods, search.method) != only.methods.end() ||
                          std::ranges::find(only.methods, base) != only.methods.end();
    if (is_named && !search.as.empty()) only.methods.push_back(search.as);
  }
  return only;
}

/// Where no choice is made: the trials that do not wait for one. Not ok, whatever becomes of them.
int run_unchosen(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
                 const Tuned& tuned) {
  suite::Suite rest = suite;
  std::erase_if(rest.trials, [](const suite::Trial& trial) {
    return trial.settings.tuning || trial.identity.empty();
  });
  rest = selected(rest, options.only, options.shard);
  if (rest.trials.empty()) return 2;
  return run_trials(rest, options, folder, tuned.records) == exit_interrupted ? exit_interrupted
                                                                              : 2;
}

std::size_t count_missing(const suite::Suite& tuning, const fs::path& results) {
  return static_cast<std::size_t>(std::ranges::count_if(tuning.trials, [&](const auto& trial) {
    return !records::is_finished(results / trial.folder, trial.identity);
  }));
}

/// The trials that count, with what was chosen for them.
int run_chosen(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
               const Tuned& tuned) {
  const auto choices = suite::choices(suite, tuned.tried);
  const suite::Suite final = suite::final_stage(suite, choices);
  if (count_missing(tuned.stage, options.results) == 0) {
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

int run_tuned(const suite::Suite& suite, const RunOptions& options, const fs::path& folder) {
  Tuned tuned;
  tuned.stage = suite::tuning_stage(suite);
  const Selection only = tuning_selection(suite, options);
  tuned.asked = selected(tuned.stage, only, {});
  const suite::Suite part = selected(tuned.stage, only, options.shard);
  if (!part.trials.empty()) {
    say("tuning {} method{}, {} trials\n", suite.searches.size(),
        suite.searches.size() == 1 ? "" : "s", part.trials.size());
    if (run_trials(part, options, folder) == exit_interrupted) return exit_interrupted;
  }
  tuned.tried = tuning_results(tuned.stage, options.results);
  tuned.records = finished_records(tuned.stage, options.results);
  const std::size_t missing = count_missing(tuned.asked, options.results);
  if (missing > 0) {
    say("{} of {} tuning trials are not there yet: nothing is chosen; run again when the other "
        "shares are\n",
        missing, tuned.asked.trials.size());
    return run_unchosen(suite, options, folder, tuned);
  }
  const std::string failures =
      failures_text(tuned.asked, tuning_results(tuned.asked, options.results));
  say("{}", failures);
  if (!failures.empty() && !options.choose_without_failed) {
    say("nothing is chosen, and what waits for a choice is not run; --choose-without-failed "
        "chooses among the rest, and every table says so\n");
    return run_unchosen(suite, options, folder, tuned);
  }
  const int code = run_chosen(suite, options, folder, tuned);
  return code == 0 && !failures.empty() ? 2 : code;
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
