// gapbench noise
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "compare/noise.h"
#include "gapbench/error.h"
#include "records/suite_note.h"
#include "run/runner.h"
#include "suite/suite.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::string suite;
  std::string method;
  std::vector<std::string> overrides;
  Places places;
  run::RunOptions options;
  std::size_t threads = 0;
};

/// The baseline, or the suite's first method.
std::string method_of(const suite::Suite& suite) {
  if (!suite.baseline.empty() || suite.trials.empty()) return suite.baseline;
  return suite.trials.front().settings.method;
}

/// Runs the method's trials below `results` and reads their records.
records::Records run_in(const std::filesystem::path& results, const suite::Suite& suite,
                        run::RunOptions options, int& code) {
  options.results = results;
  code = run::run_suite(suite, options);
  records::Records records = records::read_records({records::suite_folder(results, suite)});
  std::erase_if(records.good, [&options](const records::Record& record) {
    return record.method != options.only.methods.front();
  });
  return records;
}

int noise(Asked asked) {
  run::RunOptions& options = asked.options;
  options.data_root = asked.places.data_folder();
  options.plugin_folders = asked.places.plugin_folders();
  if (asked.threads > 0) options.threads = asked.threads;
  const auto registry = plugin::Registry::load(options.plugin_folders);
  auto suite = suite::load(asked.suite, asked.overrides, registry);
  suite::seal(suite, registry, options.data_root);
  if (!suite.searches.empty()) {
    throw Error(asked.suite,
                "tunes its methods: fix the settings first, with --set or in the file");
  }
  if (!options.threads) options.threads = suite.threads;
  options.plugins = &registry;
  options.only.methods = {asked.method.empty() ? method_of(suite) : asked.method};
  const std::filesystem::path first = options.results;
  const std::filesystem::path second = first.string() + "-again";
  int code = all_ok;
  const auto once = run_in(first, suite, options, code);
  if (code == was_interrupted) return code;
  const auto again = run_in(second, suite, options, code);
  if (code == was_interrupted) return code;
  fmt::print("\n{}", compare::noise_text(once, again));
  return code;
}

}  // namespace

void add_noise(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "noise", "Run one method of a suite against itself: the floor of every metric and cost");
  command->footer(
      "Example: gapbench noise suite.yaml --method sgd -j 2\n"
      "Runs its trials twice, the second time beside the results folder (<output>-again); finished "
      "ones count.\n"
      "Metrics differ by the seed alone, costs between the two runs.");
  auto asked = std::make_shared<Asked>();
  command->add_option("suite", asked->suite, "The suite file")->required();
  command->add_option("--method", asked->method,
                      "Which method (default: the baseline, or the first)");
  command->add_option("-j,--jobs", asked->options.jobs, "Trials side by side")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", asked->threads, "Threads a trial; else cores / jobs")
      ->check(CLI::PositiveNumber);
  command->add_option("-o,--output", asked->options.results, "Results folder (default: results)")
      ->type_name("DIR");
  command->add_option("--set", asked->overrides, "Override one key of the file: a.b=c")
      ->type_name("KEY=VALUE");
  command->add_flag("-q,--quiet", asked->options.quiet, "No line for each trial while they run");
  asked->places.add_data(*command);
  asked->places.add_plugins(*command);
  command->callback([asked, &action] { action = [asked] { return noise(*asked); }; });
}

}  // namespace gapbench::cli
