// The worker's main: one trial in one process.
#include <fmt/format.h>
#include <signal.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <sstream>
#include <utility>

#include "core/file.h"
#include "core/sanitizer.h"
#include "gapbench/error.h"
#include "run/attempt.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/lease.h"
#include "run/limits.h"
#include "run/process.h"
#include "run/signals.h"
#include "suite/trials/trial_file.h"

namespace gapbench::run {
namespace {

// The only thing a signal handler may touch.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
volatile std::sig_atomic_t stop_asked = 0;

void ask_to_stop(int) { stop_asked = 1; }

void hear_signals() {
  stop_asked = 0;
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESTART;
  for (const int signal : stop_signals) {
    if (!is_ignored(signal)) sigaction(signal, &action, nullptr);
  }
}

/// Only what the trial names, where the run has told; else all that the folders hold.
plugin::Registry open_plugins(const WorkerOptions& options) {
  const char* given = std::getenv(libraries_variable);
  if (given == nullptr) return plugin::Registry::load(options.plugin_folders);
  std::vector<std::filesystem::path> libraries;
  std::istringstream lines(given);
  for (std::string line; std::getline(lines, line);) libraries.emplace_back(line);
  unsetenv(libraries_variable);
  return plugin::Registry::load(libraries);
}

constexpr const char* changed_cores = "a plugin changed the cores that the trial may use";

/// In words, where there are more threads than the trial was given; empty where there are not.
std::string threads_beside(std::size_t given) {
  const std::size_t all = own_threads();
  if (all <= given || sanitizer_has_thread) return "";
  return fmt::format(
      "plugins had {} thread{} of their own beside the trial's {} at its end: seconds are not "
      "those of "
      "the trial's threads alone",
      all - given, all - given == 1 ? "" : "s", given);
}

int exit_code(train::Status status) {
  if (status == train::Status::ok) return 0;
  return status == train::Status::interrupted ? exit_interrupted : 2;
}

/// A worker that no run has started must not get in the way of one.
std::optional<Lease> lease_by_hand(const Home& home, const std::filesystem::path& folder) {
  if (home.was_given_lease()) return std::nullopt;
  auto lease = Lease::take(folder, RunOptions().lease_seconds);
  if (!lease) throw Error(folder.string(), "a run is at work on this trial; wait for its end");
  return lease;
}

int work(const WorkerOptions& options) {
  hear_signals();
  const WithoutPipeSignal whoever_reads;  // may be gone
  const Home home;
  const std::vector<int> cores = allowed_cores();
  train::TrialSettings settings = suite::read_trial(options.folder / "trial.yaml");
  settings.threads = options.threads;
  const auto own_lease = lease_by_hand(home, options.folder);
  records::Record record = records::planned_record(settings, suite::identity(settings));
  record.shared_machine = options.shared_machine;
  records::RecordWriter writer(options.folder, records::Earlier::keep_checkpointed);
  bool is_written = false;
  const auto finish = [&](const train::Outcome& outcome, const std::string& steps_sha256) {
    record.outcome = outcome;
    record.steps_sha256 = steps_sha256;
    if (allowed_cores() != cores) record.outcome.notes.emplace_back(changed_cores);
    if (std::string note = threads_beside(options.threads); !note.empty()) {
      record.outcome.notes.push_back(std::move(note));
    }
    record.shared_machine = record.shared_machine || writer.was_shared();
    const std::string& reason = record.outcome.reason;
    if (!reason.empty()) std::fprintf(stderr, "%s\n", reason.c_str());
    writer.finish(record);
    is_written = true;
  };
  const train::Outcome outcome = guarded({}, [&] {
    const auto plugins = open_plugins(options);
    for (const auto& refusal : plugins.refusals()) {
      std::fprintf(stderr, "%s: %s\n", refusal.library.c_str(), refusal.reason.c_str());
    }
    record.build = build_text();
    record.plugins = plugin_hashes(settings, plugins);
    return attempt(
        {settings, plugins, options, record, writer, home, [] { return stop_asked != 0; }, finish});
  });
  home.require_lease(options.folder);
  if (!is_written) finish(outcome, "");
  return exit_code(record.outcome.status);
}

}  // namespace

int run_worker(const WorkerOptions& options) {
  try {
    return work(options);
  } catch (const SystemError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return exit_refused;
  }
}

}  // namespace gapbench::run
