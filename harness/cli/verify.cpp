// gapbench verify
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "cli/commands.h"
#include "cli/given.h"
#include "cli/scratch.h"
#include "gapbench/error.h"
#include "plugin/registry.h"
#include "records/text.h"
#include "run/environment.h"
#include "run/verify.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::vector<std::string> results;
  Places places;
  run::VerifyOptions options;
  std::string output;
  std::size_t threads = 0;
};

const char* words(run::Repeated result) {
  if (result == run::Repeated::same) return "same bits";
  return result == run::Repeated::differs ? "differs" : "not repeated";
}

void print(const run::Verification& verification) {
  std::set<std::string> builds;
  std::map<run::Repeated, std::size_t> counts;
  for (const run::Verified& v : verification.trials) {
    fmt::print("{:<12}  {}{}{}\n", words(v.result), records::trial_text(v.recorded),
               v.why.empty() ? "" : ": ", v.why);
    ++counts[v.result];
    if (v.recorded.build != run::build_text()) builds.insert(v.recorded.build);
  }
  for (const std::string& build : builds) fmt::print("recorded by: {}\n", build);
  if (!builds.empty()) fmt::print("this is:     {}\n", run::build_text());
  const std::size_t all = verification.trials.size();
  std::string text;
  for (const auto& [result, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", words(result), count);
  }
  if (verification.left_out > 0) {
    text += fmt::format("; left out, failed: {}", verification.left_out);
  }
  fmt::print("{} trial{}: {}\n", all, all == 1 ? "" : "s", text);
}

/// What could be a trial and cannot be read.
void print(const std::vector<records::BrokenRecord>& broken) {
  for (const records::BrokenRecord& b : broken) {
    fmt::print("{:<12}  {}: {}\n", words(run::Repeated::not_repeated), b.folder.string(), b.reason);
  }
}

bool all_same(const run::Verification& verification) {
  return std::all_of(verification.trials.begin(), verification.trials.end(),
                     [](const run::Verified& v) { return v.result == run::Repeated::same; });
}

int verify(Asked asked) {
  run::RunOptions& options = asked.options.run;
  options.data_root = asked.places.data_folder();
  options.plugin_folders = asked.places.plugin_folders();
  if (asked.threads > 0) options.threads = asked.threads;
  const GivenRecords given(asked.results);
  const records::Records records = records::read_records(given.roots());
  print(records.broken);
  std::optional<Scratch> scratch;
  if (asked.output.empty()) scratch.emplace("verify");
  options.scratch = scratch.has_value();
  options.results = scratch ? scratch->folder() : std::filesystem::path(asked.output);
  const auto registry = plugin::Registry::load(options.plugin_folders);
  options.plugins = &registry;
  const run::Verification verification = run::verify(records, asked.options);
  if (verification.interrupted) return was_interrupted;
  print(verification);
  if (all_same(verification) && records.broken.empty()) return all_ok;
  if (scratch) scratch->keep();
  fmt::print("the repetitions: {}\n", options.results.string());
  return some_failed;
}

}  // namespace

void add_verify(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "verify", "Run recorded trials again and compare every number, to the last bit");
  command->footer(
      "Examples:\n"
      "  gapbench verify results/suite --sample 3 -j 2      three trials, drawn\n"
      "  gapbench verify results/suite -o again             all; goes on where it was stopped\n"
      "Compared are all histories and summaries: metrics, probes, passes, FLOPs; times are not.\n"
      "Another instruction set, compiler or library may end in other bits without being wrong.\n"
      "Exit codes: 0 the same bits, 1 wrong input, 2 some differ or cannot be repeated, 130 "
      "interrupted.");
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->results, "Folders with records, or bundles")->required();
  command->add_option("--sample", asked->options.sample, "How many trials (default: all)")
      ->check(CLI::PositiveNumber);
  command->add_option("--draw", asked->options.draw, "Another number draws another sample");
  command->add_option("-j,--jobs", asked->options.run.jobs, "Trials side by side")
      ->check(CLI::PositiveNumber);
  command->add_option("--threads", asked->threads, "Threads a trial; else cores / jobs")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("-o,--output", asked->output,
                   "Where the repetitions go; else a scratch folder, kept if something differs")
      ->type_name("DIR");
  command->add_flag("-q,--quiet", asked->options.run.quiet,
                    "No line for each trial while they run");
  asked->places.add_data(*command);
  asked->places.add_plugins(*command);
  command->callback([asked, &action] { action = [asked] { return verify(*asked); }; });
}

}  // namespace gapbench::cli
