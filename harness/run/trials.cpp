#include "run/trials.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "core/file.h"
#include "gapbench/error.h"
#include "records/attempts.h"
#include "records/record_writer.h"
#include "records/trajectory.h"
#include "run/ending.h"
#include "run/environment.h"
#include "run/lease.h"
#include "run/limits.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/say.h"
#include "run/screen.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;
using train::Status;
using Clock = std::chrono::steady_clock;

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

  /// What became of the trials of this run, after run().
  RunEnd end() const;

 private:
  Turn turn(std::size_t task) const;
  Started start(std::size_t task, const std::vector<int>& cores);
  std::optional<Child> start_leased(std::size_t task, const std::vector<int>& cores);
  bool has_ended_elsewhere(std::size_t task);
  void renew_leases();
  bool others_are_at_work() const;
  void say_waiting();
  bool skip(std::size_t task);
  bool is_retried(std::size_t task) const;
  void ended(const Ended& ended);
  records::Record end_of(const Ended& ended, const Lease& lease) const;
  void report(std::size_t task, records::Record record, double seconds);
  std::vector<std::string> command(const fs::path& folder, std::size_t threads) const;
  std::string repeat_command(const records::Record& record) const;
  const suite::Trial& trial(std::size_t task) const { return suite_.trials[plan_.tasks[task]]; }
  fs::path folder(std::size_t task) const { return options_.results / trial(task).folder; }

  const suite::Suite& suite_;
  const RunOptions& options_;
  Plan plan_;
  Progress progress_;
  std::vector<std::string> arguments_;
  std::map<Status, std::size_t> counts_;   ///< of the trials that have ended
  std::vector<records::Record> failures_;  ///< the first of them
  std::set<std::string> open_;  ///< identities of the trials of this run that have not ended
  std::map<std::size_t, Lease> leases_;  ///< of the tasks at work
  Clock::time_point renewed_ = Clock::now();
  bool has_said_waiting_ = false;
};

int Runner::run() {
  PoolOptions pool;
  pool.slots = plan_.slots;
  pool.timeout_seconds = options_.timeout_seconds;
  pool.grace_seconds = options_.grace_seconds;
  pool.oom_kills = [this] { return oom_kills(options_.system); };
  PoolEvents events;
  events.start = [this](std::size_t task, const std::vector<int>& cores) {
    return start(task, cores);
  };
  events.turn = [this](std::size_t task) { return turn(task); };
  events.ended = [this](const Ended& e) { ended(e); };
  events.tick = [this](std::span<const Running> running) {
    renew_leases();
    if (running.empty()) say_waiting();
    progress_.tick(running);
  };
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

/// A trial that follows others waits for those of this run, and one that another run is at work on
/// for its end, or its holder's.
Turn Runner::turn(std::size_t task) const {
  const auto& sources = trial(task).settings.sources;
  const bool waits = std::ranges::any_of(
      sources, [this](const auto& source) { return open_.contains(source.identity); });
  if (waits) return Turn::after_others;
  try {
    return is_leased(folder(task), options_.lease_seconds) ? Turn::later : Turn::now;
  } catch (const Error&) {  // its start will say why, and cost this trial alone
    return Turn::now;
  }
}

void Runner::renew_leases() {
  const std::chrono::duration<double> age = Clock::now() - renewed_;
  constexpr double times = 6;  // within the life of a lease: a tick may be late
  if (age.count() < options_.lease_seconds / times) return;
  renewed_ = Clock::now();
  for (auto& [task, lease] : leases_) lease.renew();  // the worker sees itself what is lost
}

/// A tick may fall between the end of one worker and the start of the next: nobody is waited for.
bool Runner::others_are_at_work() const {
  for (std::size_t task = 0; task < plan_.tasks.size(); ++task) {
    if (open_.contains(trial(task).identity) && is_leased(folder(task), options_.lease_seconds)) {
      return true;
    }
  }
  return false;
}

void Runner::say_waiting() {
  if (has_said_waiting_ || options_.quiet || !others_are_at_work()) return;
  has_said_waiting_ = true;
  progress_.clear();
  say("{} left, which other runs are at: waiting for them\n", open_.size());
}

/// Since the plan was made: then its record is what became of it.
bool Runner::has_ended_elsewhere(std::size_t task) {
  if (options_.force) return false;
  const records::FolderState now = records::inspect(folder(task), trial(task).identity);
  if (!now.finished || plan_.ended_as[task] == now.status) return false;
  report(task, records::read_record(folder(task)), 0);
  return true;
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

bool Runner::is_retried(std::size_t task) const {
  if (options_.retry.empty() || options_.force) return false;
  const records::FolderState earlier = records::inspect(folder(task), trial(task).identity);
  return earlier.finished && options_.retry.contains(earlier.status);
}

/// A folder that cannot be written costs its own trial, not the suite.
Started Runner::start(std::size_t task, const std::vector<int>& cores) {
  try {
    make_folder(folder(task));
    auto lease = Lease::take(folder(task), options_.lease_seconds);
    if (!lease) return {std::nullopt, true};  // another run has just taken it
    leases_.insert_or_assign(task, std::move(*lease));
    progress_.started(task);
    auto child = start_leased(task, cores);
    if (!child) leases_.erase(task);
    return {std::move(child)};
  } catch (const Error& e) {
    leases_.erase(task);
    records::Record& planned = plan_.records[task];
    planned.outcome.status = Status::error;
    planned.outcome.reason = e.what();
    report(task, planned, 0);
    return {};
  }
}

std::optional<Child> Runner::start_leased(std::size_t task, const std::vector<int>& cores) {
  if (has_ended_elsewhere(task)) return std::nullopt;
  const fs::path where = folder(task);
  if (is_retried(task)) records::keep_attempt(where);
  records::RecordWriter(
      where, plan_.clear[task] ? records::Earlier::clear : records::Earlier::keep_checkpointed)
      .write_trial(suite::write_trial(trial(task).settings));
  if (skip(task)) return std::nullopt;
  Launch what;
  what.command = command(where, plan_.records[task].threads);
  what.environment = {{"OMP_NUM_THREADS", "1"},
                      {command_variable, anonymous_command_line(arguments_)},
                      {lease_variable, leases_.at(task).token()}};
  if (options_.plugins != nullptr) {
    what.environment.emplace_back(libraries_variable,
                                  lines(libraries_of(trial(task).settings, *options_.plugins)));
  }
  what.cores = cores;
  what.memory_bytes = options_.memory_bytes;
  what.system = options_.system;
  what.log = where / "log.txt";
  return launch(what);
}

void Runner::ended(const Ended& ended) {
  const Lease lease = std::move(leases_.extract(ended.task).mapped());
  records::Record record = plan_.records[ended.task];
  try {
    record = end_of(ended, lease);
  } catch (const Error& e) {  // what lies there is not known, and stays
    record.outcome.status = Status::error;
    record.outcome.reason = e.what();
  }
  report(ended.task, std::move(record), ended.wall_seconds);
}

/// What is on disk, or put there, of a trial whose worker has ended.
records::Record Runner::end_of(const Ended& ended, const Lease& lease) const {
  if (!lease.is_ours()) {
    records::Record planned = plan_.records[ended.task];
    planned.outcome.status = Status::interrupted;
    planned.outcome.reason = "another run has taken it over: this one gave no sign for too long";
    return planned;
  }
  Ending ending = judge(ended, plan_.records[ended.task], folder(ended.task),
                        options_.timeout_seconds.value_or(0));
  try {
    if (ending.rewrite) {
      records::write_summary(folder(ended.task), ending.record, ending.may_go_on);
    }
  } catch (const Error& e) {  // a full disk: the row is lost on disk, not on the screen
    ending.record.outcome.status = Status::error;
    ending.record.outcome.reason = fmt::format("{} ({})", e.what(), ending.record.outcome.reason);
  }
  return std::move(ending.record);
}

void Runner::report(std::size_t task, records::Record record, double seconds) {
  record.folder = folder(task);
  progress_.finished(task, record, seconds);
  open_.erase(plan_.records[task].identity);
  ++counts_[record.outcome.status];
  if (record.outcome.status == Status::ok || failures_.size() == failures_shown) return;
  failures_.push_back(std::move(record));
}

RunEnd Runner::end() const {
  RunEnd end;
  end.counts = counts_;
  end.failures = failures_;
  end.repeat_command = [this](const records::Record& record) { return repeat_command(record); };
  return end;
}

/// A run that was killed between a trial's record and the end of its lease leaves the lease behind.
void clear_leases(const suite::Suite& suite, const RunOptions& options) {
  for (const suite::Trial& trial : suite.trials) {
    const std::filesystem::path folder = options.results / trial.folder;
    if (!is_there(folder / lease_file)) continue;
    if (records::is_finished(folder, trial.identity)) Lease::take(folder, options.lease_seconds);
  }
}

}  // namespace

int run_trials(const suite::Suite& suite, const RunOptions& options, const fs::path& folder,
               const std::vector<records::Record>& tuned) {
  const auto start = std::chrono::steady_clock::now();
  clear_leases(suite, options);
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
  RunEnd end = runner.end();
  if (!options.scratch) end.folder = folder;
  end.signal = signal;
  end.seconds = seconds.count();
  return print_end(suite, plan, end);
}

}  // namespace gapbench::run
