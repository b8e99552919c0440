// gapbench run
#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "cli/commands.h"
#include "gapbench/error.h"
#include "plugin/registry.h"
#include "run/runner.h"
#include "suite/suite.h"
#include "suite/trials/listing.h"
#include "suite/trials/trial_file.h"
#include "train/notes.h"
#include "train/trial.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::string suite;
  std::vector<std::string> overrides;
  Places places;
  run::RunOptions options;
  std::size_t threads = 0;
  std::string timeout;
  std::string checkpoint;
  bool dry_run = false;
};

// What a trial costs does not depend on its seed, nor on rates and strengths: without them, trials
// that look alike cost the same, and one of them is timed.
std::string cost_key(train::TrialSettings settings) {
  const auto forget_reals = [](OptionMap& options) {
    for (auto& [name, value] : options) {
      if (std::holds_alternative<double>(value)) value = 0.0;
    }
  };
  settings.seed = 0;
  settings.sources.clear();
  forget_reals(settings.optimizer.options);
  for (train::Choice& choice : settings.regularizers) forget_reals(choice.options);
  return suite::identity_text(settings);
}

std::set<std::string> foreseen(const train::TrialSettings& settings,
                               const plugin::Registry& registry, const Asked& asked) {
  const auto notes = train::foreseen_notes(settings, registry, asked.options.data_root);
  return {notes.begin(), notes.end()};
}

/// Fills `notes` with what there is to know of any of the trials.
std::vector<std::optional<train::Estimate>> estimates(const suite::Suite& suite,
                                                      const plugin::Registry& registry,
                                                      const Asked& asked,
                                                      std::set<std::string>& notes) {
  std::map<std::string, train::Estimate> timed;
  std::vector<std::optional<train::Estimate>> all;
  for (const suite::Trial& trial : suite.trials) {
    const std::string key = cost_key(trial.settings);
    if (!timed.contains(key)) {
      train::TrialSettings settings = trial.settings;
      settings.threads = 1;
      timed[key] = train::estimate_trial(settings, registry, asked.options.data_root);
      notes.merge(foreseen(settings, registry, asked));
    }
    all.emplace_back(timed[key]);
  }
  return all;
}

int run(Asked asked) {
  asked.options.data_root = asked.places.data_folder();
  asked.options.plugin_folders = asked.places.plugin_folders();
  if (asked.threads > 0) asked.options.threads = asked.threads;
  if (!asked.timeout.empty()) {
    asked.options.timeout_seconds = seconds_of("--timeout", asked.timeout);
  }
  if (!asked.checkpoint.empty()) {
    asked.options.checkpoint_seconds = seconds_of("--checkpoint-every", asked.checkpoint);
  }
  const auto registry = plugin::Registry::load(asked.options.plugin_folders);
  for (const auto& refusal : registry.refusals()) {
    fmt::print(stderr, "gapbench: left out {}: {}\n", refusal.library.string(), refusal.reason);
  }
  auto suite = suite::load(asked.suite, asked.overrides, registry);
  suite::seal(suite, asked.options.data_root);
  if (!asked.options.threads) asked.options.threads = suite.threads;
  asked.options.plugins = &registry;
  if (!asked.dry_run) return run::run_suite(suite, asked.options);
  std::set<std::string> notes;
  const auto all = estimates(suite, registry, asked, notes);
  for (const std::string& note : notes) fmt::print("note: {}\n", note);
  fmt::print("{}", suite::listing(suite, all, asked.options.jobs));
  return all_ok;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto* command =
      app.add_subcommand("run", "Train every trial of a suite that is not finished yet");
  command->footer(
      "Example: gapbench run suite.yaml -j 2 --data DATA --set budget.epochs=1\n"
      "Exit codes: 0 all trials ok, 1 wrong input, 2 some trials are not ok, 130 interrupted.");
  auto asked = std::make_shared<Asked>();
  run::RunOptions& o = asked->options;
  command->add_option("suite", asked->suite, "The suite file")->required();
  command->add_option("-j,--jobs", o.jobs, "Trials side by side, on cores of their own")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", asked->threads, "Threads a trial; else cores / jobs")
      ->check(CLI::PositiveNumber);
  command->add_option("-o,--output", o.results, "Results folder (default: results)")
      ->type_name("DIR");
  command->add_option("--set", asked->overrides, "Override one key of the file: a.b=c")
      ->type_name("KEY=VALUE");
  command->add_option("--timeout", asked->timeout, "Longest time of one trial: 90s, 10m, 2h")
      ->type_name("TIME");
  command
      ->add_option(
          "--checkpoint-every", asked->checkpoint,
          "Between checkpoints of a trial, which take 1 % of its time at most (default: 60s)")
      ->type_name("TIME");
  command->add_flag("--force", o.force, "Run finished trials again, over their records");
  command
      ->add_option_function<std::string>(
          "--redo", [asked](const std::string&) { asked->options.redo_changed = true; },
          "Run finished trials again whose plugins have been built anew since")
      ->check(CLI::IsMember({"changed"}))
      ->option_text("changed");
  command->add_flag("--dry-run", asked->dry_run,
                    "Only show the trials and an estimate of their cost (times a few steps)");
  command->add_flag("-q,--quiet", o.quiet, "Print nothing but failures and the closing line");
  asked->places.add_data(*command);
  asked->places.add_plugins(*command);
  command->callback([=, &action] { action = [=] { return run(*asked); }; });
}

}  // namespace gapbench::cli
