#include "run/runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/record_writer.h"
#include "records/suite_note.h"
#include "records/trajectory.h"
#include "run/ending.h"
#include "run/environment.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/screen.h"
#include "run/tuning.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using train::Status;

/// Says now, not after an hour of training, that nothing can be written there.
void require_writable(const fs::path& folder) {
  make_folder(folder);
  const fs::path test = folder / fmt::format(".write-test.{}", getpid());
  write_file_atomically(test, std::string(4096, '\n'));
  fs::remove(test);
}

/// One run at a time writes a suite's folder. The lock is on the folder itself and ends with us.
Descriptor lock(const fs::path& folder) {
  Descriptor descriptor(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    throw Error(folder.string(), "another gapbench run is writing here; wait for it to end");
  }
  return descriptor;
}

std::string lines(const std::vector<fs::path>& paths) {
  std::string text;
  for (const fs::path& path : paths) text += path.string() + "\n";
  return text;
}

class Runner {
 public:
  Runner(const suite::Suite& suite, const RunOptions& options, Plan plan,
         std::span<const records::Record> earlier)
      : suite_(suite),
        options_(options),
        plan_(std::move(plan)),
        progress_(plan_.records, earlier, plan_.slots.size(), options.quiet),
        arguments_(own_arguments()) {
    for (const records::Record& record : plan_.records) open_.insert(record.identity);
  }

  /// The signal that stopped it, or 0.
  int run();

  /// What became of the trials of this run.
  const std::vector<records::Record>& results() const { return results_; }
  std::string repeat_command(const records::Record& record) const;

 private:
  bool is_ready(std::size_t task) const;
  std::optional<Child> start(std::size_t task, const std::vector<int>& cores);
  bool skip(std::size_t task);
  void ended(const Ended& ended);
  void report(std::size_t task, records::Record record, double seconds);
  std::vector<std::string> command(const fs::path& folder, std::size_t threads) const;
  const suite::Trial& trial(std::size_t task) const { return suite_.trials[plan_.tasks[task]]; }
  fs::path folder(std::size_t task) const { return options_.results / trial(task).folder; }

  const suite::Suite& suite_;
  const RunOptions& options_;
  Plan plan_;
  Progress progress_;
  std::vector<std::string> arguments_;
  std::vector<records::Record> results_;
  std::set<std::string> open_;  ///< identities of the trials of this run that have not ended
};

int Runner::run() {
  PoolOptions pool;
  pool.slots = plan_.slots;
  pool.timeout_seconds = options_.timeout_seconds;
  pool.grace_seconds = options_.grace_seconds;
  PoolEvents events;
  events.start = [this](std::size_t task, const std::vector<int>& cores) {
    return start(task, cores);
  };
  events.ready = [this](std::size_t task) { return is_ready(task); };
  events.ended = [this](const Ended& e) { ended(e); };
  events.tick = [this](std::span<const Running> running) { progress_.tick(running); };
  const int signal = run_pool(plan_.tasks.size(), pool, events);
  progress_.clear();
  return signal;
}

std::vector<std::string> Runner::command(const fs::path& folder, std::size_t threads) const {
  std::vector<std::string> command = options_.worker_command;
  command.insert(command.end(),
                 {"worker", "--record", folder.string(), "--data", options_.data_root.string()});
  for (const auto& plugins : options_.plugin_folders) {
    command.insert(command.end(), {"--plugins", plugins.string()});
  }
  command.insert(command.end(), {"--threads", std::to_string(threads)});
  if (options_.checkpoint_seconds != default_checkpoint_seconds) {
    command.insert(command.end(),
                   {"--checkpoint-every", fmt::format("{}", options_.checkpoint_seconds)});
  }
  if (plan_.shared) command.push_back("--shared");
  return command;
}

std::string Runner::repeat_command(const records::Record& record) const {
  std::vector<std::string> words = command(record.folder, record.threads);
  if (words.front() == "/proc/self/exe") words.front() = arguments_.front();
  for (std::string& word : words) word = shell_quoted(word);
  return fmt::format("{}", fmt::join(words, " "));
}

/// A trial that follows others waits for those of this run.
bool Runner::is_ready(std::size_t task) const {
  const auto& sources = trial(task).settings.sources;
  return std::none_of(sources.begin(), sources.end(),
                      [this](const auto& source) { return open_.contains(source.identity); });
}

/// Records that a source of the trial did not end well; false when all did.
bool Runner::skip(std::size_t task) {
  const auto why = records::unusable_source(trial(task).settings, folder(task));
  if (!why) return false;
  records::Record& planned = plan_.records[task];
  planned.outcome.status = Status::skipped;
  planned.outcome.reason = *why;
  records::write_summary(folder(task), planned);
  report(task, planned, 0);
  return true;
}

/// A folder that cannot be written costs its own trial, not the suite.
std::optional<Child> Runner::start(std::size_t task, const std::vector<int>& cores) {
  const fs::path where = folder(task);
  records::Record& planned = plan_.records[task];
  progress_.started(task);
  try {
    records::RecordWriter(
        where, plan_.clear[task] ? records::Earlier::clear : records::Earlier::keep_checkpointed)
        .write_trial(suite::write_trial(trial(task).settings));
    if (skip(task)) return std::nullopt;
    Launch what;
    what.command = command(where, planned.threads);
    what.environment = {{"OMP_NUM_THREADS", "1"},
                        {command_variable, anonymous_command_line(arguments_)}};
    if (options_.plugins != nullptr) {
      what.environment.emplace_back(libraries_variable,
                                    lines(libraries_of(trial(task).settings, *options_.plugins)));
    }
    what.cores = cores;
    what.log = where / "log.txt";
    return launch(what);
  } catch (const Error& e) {
    planned.outcome.status = Status::error;
    planned.outcome.reason = e.what();
    report(task, planned, 0);
    return std::nullopt;
  }
}

void Runner::ended(const Ended& ended) {
  Ending ending = judge(ended, plan_.records[ended.task], folder(ended.task),
                        options_.timeout_seconds.value_or(0));
  try {
    if (ending.rewrite) records::write_summary(folder(ended.task), ending.record);
  } catch (const Error& e) {  // a full disk: the row is lost on disk, not on the screen
    ending.record.outcome.status = Status::error;
    ending.record.outcome.reason = fmt::format("{} ({})", e.what(), ending.record.outcome.reason);
  }
  report(ended.task, std::move(ending.record), ended.wall_seconds);
}

void Runner::report(std::size_t task, records::Record record, double seconds) {
  record.folder = folder(task);
  progress_.finished(task, record, seconds);
  open_.erase(plan_.records[task].identity);
  results_.push_back(std::move(record));
}

/// Runs what is not finished of these trials; the exit code. `tuned`: what their tuning has left.
int run_trials(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
               const std::vector<records::Record>& tuned = {}) {
  const auto start = std::chrono::steady_clock::now();
  Plan plan = make_plan(suite, options);
  print_plan(suite, plan, options);
  if (plan.tasks.empty()) {
    return plan.finished_before[Status::ok] == suite.trials.size() ? 0 : 2;
  }
  std::vector<records::Record> earlier = finished_records(suite, options.results);
  earlier.insert(earlier.end(), tuned.begin(), tuned.end());
  Runner runner(suite, options, plan, earlier);
  const int signal = runner.run();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return print_end(
      suite, plan,
      {runner.results(), [&runner](const records::Record& r) { return runner.repeat_command(r); },
       options.scratch ? fs::path() : folder, signal, seconds.count()});
}

}  // namespace

int run_suite(const suite::Suite& suite, const RunOptions& options) {
  if (suite.trials.empty()) throw Error(suite.source.string(), "the suite has no trials");
  const fs::path folder = records::suite_folder(options.results, suite);
  require_writable(folder);
  const Descriptor locked = lock(folder);
  records::write_suite_note(folder, suite);
  if (suite.searches.empty()) return run_trials(suite, options, folder);
  const suite::Suite tuning = suite::tuning_stage(suite);
  fmt::print("tuning {} method{}, {} trial{}\n", suite.searches.size(),
             suite.searches.size() == 1 ? "" : "s", tuning.trials.size(),
             tuning.trials.size() == 1 ? "" : "s");
  if (run_trials(tuning, options, folder) == exit_interrupted) return exit_interrupted;
  const auto choices = suite::choices(suite, validation_scores(tuning, options.results));
  write_tuning_note(folder, suite, choices);
  fmt::print("{}", choices_text(suite, choices));
  const suite::Suite final = suite::final_stage(suite, choices);
  for (const suite::Trial& trial : final.trials) {
    update_effort(trial, options.results / trial.folder);
  }
  records::write_suite_note(folder, final);  // its trials have their folders only now
  return run_trials(final, options, folder, finished_records(tuning, options.results));
}

}  // namespace gapbench::run
