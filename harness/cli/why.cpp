// gapbench why
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "gapbench/error.h"
#include "run/why.h"
#include "suite/suite.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::string suite;
  std::string results = "results";
  std::vector<std::string> overrides;
  Places places;
};

/// The results folder, also where the suite's own folder in it was named.
std::filesystem::path results_of(const std::string& given, const suite::Suite& suite) {
  const std::filesystem::path folder = std::filesystem::path(given).lexically_normal();
  const bool is_suites = !std::filesystem::is_directory(folder / suite.name) &&
                         (folder / "").parent_path().filename() == suite.name;
  return is_suites ? (folder / "").parent_path().parent_path() : folder;
}

int why(const Asked& asked) {
  run::RunOptions options;
  options.data_root = asked.places.data_folder();
  options.plugin_folders = asked.places.plugin_folders();
  const auto registry = plugin::Registry::load(options.plugin_folders);
  auto suite = suite::load(asked.suite, asked.overrides, registry);
  suite::seal(suite, registry, options.data_root);
  options.results = results_of(asked.results, suite);
  std::size_t count = 0;
  for (const run::Reason& reason : run::explain(suite, options, registry)) {
    fmt::print("{:<5} {}: {}\n", reason.runs ? "runs" : "stays", reason.trial, reason.why);
    count += reason.runs ? 1 : 0;
  }
  fmt::print("{} of {} trials would run\n", count, suite.trials.size());
  return all_ok;
}

}  // namespace

void add_why(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "why", "Which trials of a suite would run, and what has changed since their records");
  command->footer(
      "Example: gapbench why suite.yaml results\n"
      "Names the ingredients of a trial that differ from the nearest record of its method and "
      "seed.");
  auto asked = std::make_shared<Asked>();
  command->add_option("suite", asked->suite, "The suite file")->required();
  command->add_option("results", asked->results, "Results folder (default: results)");
  command->add_option("--set", asked->overrides, "Override one key of the file: a.b=c")
      ->type_name("KEY=VALUE");
  asked->places.add_data(*command);
  asked->places.add_plugins(*command);
  command->callback([asked, &action] { action = [asked] { return why(*asked); }; });
}

}  // namespace gapbench::cli
