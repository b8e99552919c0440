// The worker's main: one trial in one process.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "gapbench/error.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/process.h"
#include "run/record_writer.h"
#include "run/runner.h"
#include "run/trajectory.h"
#include "suite/trial_file.h"

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

/// Tells the parent how far the trial is, at most ten times a second.
class Reporter {
 public:
  Reporter() {
    const char* given = std::getenv(progress_variable);
    if (given == nullptr) return;
    fd_ = std::atoi(given);
    unsetenv(progress_variable);
    fcntl(fd_, F_SETFL, O_NONBLOCK);  // a parent that does not read must not stop the trial
  }

  void report(std::uint64_t step, std::uint64_t steps) {
    const auto now = std::chrono::steady_clock::now();
    if (fd_ < 0 || (step != steps && now - last_ < std::chrono::milliseconds(100))) return;
    last_ = now;
    const std::string line = std::to_string(step) + " " + std::to_string(steps) + "\n";
    if (write(fd_, line.data(), line.size()) < 0 && errno == EPIPE) fd_ = -1;
  }

 private:
  int fd_ = -1;
  std::chrono::steady_clock::time_point last_{};
};

train::Outcome run_observed(const train::TrialSettings& settings, const plugin::Registry& plugins,
                            const WorkerOptions& options, RecordWriter& writer) {
  const auto trajectories = read_trajectories(settings, options.folder);
  Reporter reporter;
  Heard heard;
  std::vector<float> lengths;
  train::Observer observer;
  observer.evaluated = [&](const train::Evaluation& e) { writer.append(e); };
  observer.stepped = [&](std::uint64_t step, std::uint64_t steps) {
    heard = {step, steps};
    reporter.report(step, steps);
  };
  observer.interrupted = [] { return stop_asked != 0; };
  if (settings.record_steps) {
    observer.moved = [&](float length) { lengths.push_back(length); };
  }
  auto outcome = guarded(heard, [&] {
    return train::run_trial(settings, plugins, options.data_root, observer, trajectories);
  });
  if (settings.record_steps) writer.write_steps(lengths);
  return outcome;
}

/// Plugins may be what is wrong: then there is no library whose hash could be told.
void describe(const train::TrialSettings& settings, const plugin::Registry& plugins,
              const WorkerOptions& options, Record& record, RecordWriter& writer) {
  record.build = build_text();
  record.plugins = plugin_hashes(settings, plugins);
  writer.write_environment(environment_json(settings, plugins, options.shared_machine));
}

int exit_code(train::Status status) {
  if (status == train::Status::ok) return 0;
  return status == train::Status::interrupted ? 130 : 2;
}

}  // namespace

int run_worker(const WorkerOptions& options) {
  hear_signals();
  train::TrialSettings settings = suite::read_trial(options.folder / "trial.yaml");
  settings.threads = options.threads;
  Record record = planned_record(settings, suite::identity(settings));
  record.shared_machine = options.shared_machine;
  RecordWriter writer(options.folder);
  record.outcome = guarded({}, [&] {
    const auto plugins = plugin::Registry::load(options.plugin_folders);
    for (const auto& refusal : plugins.refusals()) {
      std::fprintf(stderr, "%s: %s\n", refusal.library.c_str(), refusal.reason.c_str());
    }
    describe(settings, plugins, options, record, writer);
    return run_observed(settings, plugins, options, writer);
  });
  if (!record.outcome.reason.empty()) std::fprintf(stderr, "%s\n", record.outcome.reason.c_str());
  writer.finish(record);
  return exit_code(record.outcome.status);
}

}  // namespace gapbench::run
