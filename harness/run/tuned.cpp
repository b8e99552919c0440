#include "run/tuned.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/plan.h"
#include "run/selection.h"
#include "run/tuning.h"

namespace gapbench::run {
namespace {

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

std::size_t count_missing(const suite::Suite& tuning, const std::filesystem::path& results) {
  return static_cast<std::size_t>(std::ranges::count_if(tuning.trials, [&](const auto& trial) {
    return !records::is_finished(results / trial.folder, trial.identity);
  }));
}

}  // namespace

suite::Suite tuning_asked(const suite::Suite& suite, const RunOptions& options,
                          const Shard& shard) {
  return selected(suite::tuning_stage(suite), tuning_selection(suite, options), shard);
}

Tuned tuned(const suite::Suite& suite, const RunOptions& options) {
  Tuned left;
  left.stage = suite::tuning_stage(suite);
  left.asked = tuning_asked(suite, options);
  left.tried = tuning_results(left.stage, options.results);
  left.records = finished_records(left.stage, options.results);
  left.is_whole = count_missing(left.stage, options.results) == 0;
  left.missing = count_missing(left.asked, options.results);
  if (left.missing == 0) {
    left.failures = failures_text(left.asked, tuning_results(left.asked, options.results));
  }
  return left;
}

suite::Suite with_race(const suite::Suite& suite, const RunOptions& options) {
  if (suite.tune.ties.empty()) return suite;
  const Tuned first = tuned(suite, options);
  if (!first.may_choose(options)) return suite;
  return suite::raced(suite, suite::choices(suite, first.tried));
}

suite::Suite without_choice(const suite::Suite& suite, const RunOptions& options) {
  suite::Suite rest = suite;
  std::erase_if(rest.trials, [](const suite::Trial& trial) {
    return trial.settings.tuning || trial.identity.empty();
  });
  return selected(rest, options.only, options.shard);
}

std::string unchosen_text(const Tuned& tuned, const RunOptions& options) {
  if (tuned.missing > 0) {
    return fmt::format("{} of {} tuning trials are not there yet: nothing is chosen; {}\n",
                       tuned.missing, tuned.asked.trials.size(),
                       options.shard.count > 1 ? "run again when the other shares are"
                                               : "the same command goes on with them");
  }
  if (tuned.failures.empty() || options.choose_without_failed) return tuned.failures;
  return tuned.failures +
         "nothing is chosen, and what waits for a choice is not run; --choose-without-failed "
         "chooses among the rest, and every table says so\n";
}

}  // namespace gapbench::run
