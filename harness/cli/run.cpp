// gapbench run
#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "cli/commands.h"
#include "cli/slurm.h"
#include "compare/findings/claims.h"
#include "compare/rows/row_settings.h"
#include "compare/sections/claimed.h"
#include "gapbench/error.h"
#include "plugin/registry.h"
#include "records/durations.h"
#include "records/suite_note.h"
#include "run/limits.h"
#include "run/looks.h"
#include "run/one_trial.h"
#include "run/runner.h"
#include "run/slurm/submit.h"
#include "suite/suite.h"
#include "suite/trials/listing.h"
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
  std::string memory;
  std::string only;
  std::string shard;
  std::vector<std::string> retry;
  bool dry_run = false;
  OnSlurm slurm;
  std::optional<std::size_t> trial;  ///< of a task of Slurm
};

/// Every status that a trial can end with and that is no success.
std::set<train::Status> failures_of(const char* option, const std::vector<std::string>& words) {
  std::set<train::Status> statuses;
  for (const std::string& word : words) {
    const auto status = train::status_from_text(word);
    if (!status || *status == train::Status::ok || *status == train::Status::interrupted) {
      throw Error(option,
                  "must be some of diverged, timeout, out_of_memory, crashed, error and "
                  "skipped, joined by commas, got \"" +
                      word + "\"");
    }
    statuses.insert(*status);
  }
  return statuses;
}

std::set<std::string> foreseen(const train::TrialSettings& settings,
                               const plugin::Registry& registry, const Asked& asked) {
  const auto notes = train::foreseen_notes(settings, registry, asked.options.data_root);
  return {notes.begin(), notes.end()};
}

/// Trials that are alike cost the same: one of them is timed. Fills `notes` with what there is to
/// know of any of the trials.
std::vector<std::optional<train::Estimate>> estimates(const suite::Suite& suite,
                                                      const plugin::Registry& registry,
                                                      const Asked& asked,
                                                      std::set<std::string>& notes) {
  std::map<std::string, train::Estimate> timed;
  std::vector<std::optional<train::Estimate>> all;
  for (const suite::Trial& trial : suite.trials) {
    const std::string key = records::alike(records::planned_record(trial.settings, "")).front();
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

/// What the records say of each claim after a look.
run::Standing standing(const std::filesystem::path& folder, std::size_t look) {
  run::Standing result;
  const auto records = records::read_records({folder});
  result.taken = true;
  for (const compare::Answer& answer : compare::answers(records)) {
    result.text += compare::answer_line(answer) + "\n";
    if (answer.is_decided() || answer.problems.empty()) continue;
    result.open.insert(answer.problems.begin(), answer.problems.end());
    result.taken &= answer.looks_taken > look;
  }
  return result;
}

int run_until_decided(const suite::Suite& suite, const std::filesystem::path& results,
                      const run::RunPart& run_part) {
  const auto folder = records::suite_folder(results, suite);
  return run::run_looks(
      suite, run_part,
      [&](const train::TrialSettings& settings) {
        return compare::problem_key(records::planned_record(settings, ""), suite.rows);
      },
      [&](std::size_t look) { return standing(folder, look); });
}

/// What every task is to be told, in the words given here; paths from the root, since it starts
/// elsewhere.
std::vector<std::string> task_flags(const Asked& asked, const suite::SlurmSettings& settings) {
  const run::RunOptions& o = asked.options;
  const auto absolute = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
  };
  std::vector<std::string> flags{"--output",  absolute(o.results),
                                 "--data",    absolute(o.data_root),
                                 "--threads", std::to_string(o.threads.value_or(1))};
  for (const auto& folder : o.plugin_folders) {
    flags.insert(flags.end(), {"--plugins", absolute(folder)});
  }
  for (const std::string& change : asked.overrides) flags.insert(flags.end(), {"--set", change});
  for (const auto& [flag, value] :
       {std::pair("--timeout", asked.timeout), std::pair("--checkpoint-every", asked.checkpoint),
        std::pair("--only", asked.only)}) {
    if (!value.empty()) flags.insert(flags.end(), {flag, value});
  }
  if (settings.memory_bytes) {
    flags.insert(flags.end(), {"--memory", std::to_string(*settings.memory_bytes)});
  }
  if (o.choose_without_failed) flags.emplace_back("--choose-without-failed");
  return flags;
}

run::slurm::Order order_of(const Asked& asked, const suite::Suite& suite) {
  run::slurm::Order order;
  order.suite_file = asked.suite;
  order.program = std::filesystem::canonical("/proc/self/exe");
  order.settings = asked.slurm.over(suite.slurm);
  if (asked.options.memory_bytes) order.settings.memory_bytes = asked.options.memory_bytes;
  order.flags = task_flags(asked, order.settings);
  if (!asked.retry.empty()) {
    order.first_flags = {"--retry", fmt::format("{}", fmt::join(asked.retry, ","))};
  }
  if (asked.options.force) order.first_flags.emplace_back("--force");
  if (asked.options.redo_changed) {
    order.first_flags.insert(order.first_flags.end(), {"--redo", "changed"});
  }
  order.threads = asked.options.threads.value_or(1);
  order.wait = asked.slurm.wait;
  order.dry_run = asked.dry_run;
  return order;
}

int run_on_slurm(const suite::Suite& suite, const Asked& asked) {
  if (asked.options.jobs > 1) {
    throw Error("--jobs", "is of one machine; with --on slurm --at-once says how many");
  }
  const run::slurm::Order order = order_of(asked, suite);
  const run::RunPart run_part = [&](const suite::Suite& part) {
    return run::slurm::run_on_slurm(suite, part, asked.options, order);
  };
  if (suite.looks.at.empty()) return run_part(suite).value_or(all_ok);
  if (asked.dry_run) return run_part(run::first_look(suite)).value_or(all_ok);
  return run_until_decided(suite, asked.options.results, run_part);
}

int run_here(const suite::Suite& suite, Asked& asked) {
  if (asked.trial) {
    const bool alone = has_whole_machine();
    asked.options.where = alone ? run::Where::here : run::Where::among_others;
    return run::run_one_trial(suite, *asked.trial, asked.options);
  }
  if (suite.looks.at.empty()) return run::run_suite(suite, asked.options);
  return run_until_decided(suite, asked.options.results, [&](const suite::Suite& part) {
    return std::optional(run::run_suite(part, asked.options));
  });
}

int run(Asked asked) {
  asked.slurm.require_asked();
  asked.options.data_root = asked.places.data_folder();
  asked.options.plugin_folders = asked.places.plugin_folders();
  if (asked.threads > 0) asked.options.threads = asked.threads;
  if (!asked.timeout.empty()) {
    asked.options.timeout_seconds = seconds_of("--timeout", asked.timeout);
  }
  if (!asked.checkpoint.empty()) {
    asked.options.checkpoint_seconds = seconds_of("--checkpoint-every", asked.checkpoint);
  }
  if (!asked.memory.empty()) {
    asked.options.memory_bytes = run::bytes_of("--memory", asked.memory);
  }
  if (!asked.only.empty()) asked.options.only = run::selection_of("--only", asked.only);
  if (!asked.shard.empty()) asked.options.shard = run::shard_of("--shard", asked.shard);
  asked.options.retry = failures_of("--retry", asked.retry);
  const auto registry = plugin::Registry::load(asked.options.plugin_folders);
  for (const auto& refusal : registry.refusals()) {
    fmt::print(stderr, "gapbench: left out {}: {}\n", refusal.library.string(), refusal.reason);
  }
  auto suite = suite::load(asked.suite, asked.overrides, registry);
  if (!asked.options.quiet) {
    for (const std::string& note : suite.notes) fmt::print("note: {}\n", note);
  }
  suite::seal(suite, registry, asked.options.data_root);
  if (!asked.options.threads) asked.options.threads = suite.threads;
  asked.options.plugins = &registry;
  if (asked.slurm.is_asked()) return run_on_slurm(suite, asked);
  if (!asked.dry_run) return run_here(suite, asked);
  if (!suite.looks.at.empty()) {
    fmt::print(
        "note: seeds are added until claims are decided; below is the first look, {0} seeds; the "
        "last one, if it comes to it, is of {1}: {2:.2g} times that\n",
        suite.looks.at.front(), suite.looks.at.back(),
        static_cast<double>(suite.looks.at.back()) / static_cast<double>(suite.looks.at.front()));
    suite = run::first_look(suite);
  }
  suite = run::selected(suite, asked.options.only, asked.options.shard);
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
      ->add_option("--only", asked->only,
                   "A part of the trials: 'methods=sgd,adam;seeds=1-3', datasets and networks too")
      ->type_name("SELECTION");
  command
      ->add_option("--shard", asked->shard,
                   "One of several equal parts, each for a machine of its own: 2/8")
      ->type_name("I/N");
  command->add_option("--memory", asked->memory, "Most private memory of one trial: 512M, 4G")
      ->type_name("SIZE");
  command
      ->add_option(
          "--checkpoint-every", asked->checkpoint,
          "Between checkpoints of a trial, which take 1 % of its time at most (default: 60s)")
      ->type_name("TIME");
  command
      ->add_option("--retry", asked->retry,
                   "Run those again that ended so, as in crashed,timeout; their attempts are kept")
      ->delimiter(',')
      ->type_name("STATUS,...");
  command->add_flag("--force", o.force, "Run finished trials again, over their records");
  command
      ->add_option_function<std::string>(
          "--redo", [asked](const std::string&) { asked->options.redo_changed = true; },
          "Run finished trials again whose plugins have been built anew since")
      ->check(CLI::IsMember({"changed"}))
      ->option_text("changed");
  command->add_flag("--choose-without-failed", o.choose_without_failed,
                    "Where tuning trials failed: choose among the rest, and say so in every table");
  command->add_flag("--dry-run", asked->dry_run,
                    "Only show the trials and an estimate of their cost (times a few steps)");
  command->add_flag("-q,--quiet", o.quiet, "Print nothing but failures and the closing line");
  asked->slurm.add(*command);
  command->add_option("--trial", asked->trial, "One trial, by its place in the suite")->group("");
  asked->places.add_data(*command);
  asked->places.add_plugins(*command);
  command->callback([=, &action] { action = [=] { return run(*asked); }; });
}

}  // namespace gapbench::cli
