// gapbench measures
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/given.h"
#include "cli/output.h"
#include "compare/measures.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::vector<std::string> results;
  std::string gap = "error";
  std::vector<std::string> metrics;
  std::string format = "markdown";
};

int measures(const Asked& asked) {
  const GivenRecords given(asked.results);
  const records::Records records = records::read_records(given.roots());
  const compare::Gap gap = asked.gap == "loss" ? compare::Gap::loss : compare::Gap::error;
  const auto all = compare::measured(records, gap, asked.metrics);
  fmt::print("{}", asked.format == "json" ? compare::measures_json(all, gap).dump(1) + "\n"
                                          : compare::measures_text(all, gap));
  for (const records::BrokenRecord& broken : records.broken) {
    fmt::print(stderr, "left out: {}: {}\n", broken.folder.string(), broken.reason);
  }
  return all_ok;
}

}  // namespace

void add_measures(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "measures", "Which measure of the networks (probes) ranks their generalization gaps");
  command->footer(
      "Examples:\n"
      "  gapbench measures results/measures\n"
      "  gapbench measures results/measures --gap loss --metric layer_norms.path_norm --metric "
      "flatness.sigma\n"
      "All finished trials of a data set are ranked together, whatever their network; settings "
      "that "
      "differ are the axes.\n"
      "Formulas: docs/statistics.md.");
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->results, "Folders with records, or bundles")
      ->required()
      ->type_name("DIR");
  command
      ->add_option("--gap", asked->gap, "error: train minus test accuracy; loss: test minus train")
      ->check(CLI::IsMember({"error", "loss"}))
      ->capture_default_str();
  command->add_option("--metric", asked->metrics, "This measure only; may be given again")
      ->type_name("NAME");
  command->add_option("--format", asked->format, "markdown or json")
      ->check(CLI::IsMember({"markdown", "json"}))
      ->capture_default_str();
  command->callback([asked, &action] { action = [asked] { return measures(*asked); }; });
}

}  // namespace gapbench::cli
