// gapbench export
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/given.h"
#include "compare/sqlite/export.h"
#include "gapbench/error.h"
#include "records/npz.h"
#include "records/record.h"

namespace gapbench::cli {
namespace {

struct Asked {
  std::vector<std::string> results;
  std::string sqlite;
  bool outcomes = false;
  std::string trial;
  std::string output;
};

int export_records(const Asked& asked) {
  if (asked.results.empty()) {
    throw Error("export", "no records given: as in gapbench export results/suite --sqlite FILE");
  }
  const GivenRecords given(asked.results);
  const auto records = records::read_records(given.roots());
  const auto exported = compare::export_sqlite(records, asked.sqlite, asked.outcomes);
  fmt::print("{}: {} trial{}, {} left out{}\n", asked.sqlite, exported.trials,
             exported.trials == 1 ? "" : "s", exported.left_out,
             exported.left_out > 0 ? " (table left_out says why)" : "");
  return exported.trials == 0 ? usage_error : all_ok;
}

int export_parameters(const Asked& asked) {
  const records::NamedParameters end = records::read_parameters(records::read_record(asked.trial));
  records::write_npz(asked.output, end);
  fmt::print("{}: {} tensors, {} numbers\n", asked.output, end.tensors.size(), end.values.size());
  return all_ok;
}

int do_export(const Asked& asked) {
  if (!asked.trial.empty()) return export_parameters(asked);
  if (!asked.sqlite.empty()) return export_records(asked);
  throw Error("export", "give --sqlite FILE, or --parameters TRIAL -o FILE.npz");
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "export", "All records as one SQLite database, or one trial's parameters for NumPy");
  command->footer(
      "Examples:\n"
      "  gapbench export results/suite --sqlite suite.sqlite\n"
      "  sqlite3 -box suite.sqlite 'SELECT dataset, method, count(*) n, avg(test_accuracy) acc\n"
      "                             FROM trials WHERE status = \"ok\" GROUP BY dataset, method'\n"
      "  gapbench export --parameters results/suite/cifar10/cnn3/sgd/seed-1-0123abcd -o sgd.npz\n"
      "Tables: trials, settings, history, costs, probes, claims, verdicts, left_out, units, and "
      "outcomes where "
      "asked\n"
      "(docs/compare.md).");
  auto asked = std::make_shared<Asked>();
  auto* results =
      command->add_option("results", asked->results, "Folders with records, or bundles");
  auto* sqlite = command
                     ->add_option("--sqlite", asked->sqlite,
                                  "The file to write; an earlier export is replaced")
                     ->type_name("FILE");
  command
      ->add_flag("--outcomes", asked->outcomes,
                 "A table of what each test example got: a row a trial and example")
      ->needs(sqlite);
  auto* output = command
                     ->add_option("-o,--output", asked->output,
                                  "The .npz file to write; an earlier one is replaced")
                     ->type_name("FILE");
  auto* parameters =
      command
          ->add_option("--parameters", asked->trial,
                       "Folder of a trial that kept its parameters (record: {parameters: true})")
          ->type_name("TRIAL")
          ->excludes(sqlite)
          ->excludes(results)
          ->needs(output);
  output->needs(parameters);
  command->callback([=, &action] { action = [=] { return do_export(*asked); }; });
}

}  // namespace gapbench::cli
