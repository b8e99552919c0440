// The worker's main: one trial in one process.
#include <signal.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "run/attempt.h"
#include "run/environment.h"
#include "run/guard.h"
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
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // the parent may be gone
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

int exit_code(train::Status status) {
  if (status == train::Status::ok) return 0;
  return status == train::Status::interrupted ? exit_interrupted : 2;
}

}  // namespace

int run_worker(const WorkerOptions& options) {
  hear_signals();
  train::TrialSettings settings = suite::read_trial(options.folder / "trial.yaml");
  settings.threads = options.threads;
  records::Record record = records::planned_record(settings, suite::identity(settings));
  record.shared_machine = options.shared_machine;
  records::RecordWriter writer(options.folder, records::Earlier::keep_checkpointed);
  record.outcome = guarded({}, [&] {
    const auto plugins = open_plugins(options);
    for (const auto& refusal : plugins.refusals()) {
      std::fprintf(stderr, "%s: %s\n", refusal.library.c_str(), refusal.reason.c_str());
    }
    record.build = build_text();
    record.plugins = plugin_hashes(settings, plugins);
    return attempt({settings, plugins, options, record, writer, [] { return stop_asked != 0; }});
  });
  record.shared_machine = record.shared_machine || writer.was_shared();
  if (!record.outcome.reason.empty()) std::fprintf(stderr, "%s\n", record.outcome.reason.c_str());
  writer.finish(record);
  return exit_code(record.outcome.status);
}

}  // namespace gapbench::run
