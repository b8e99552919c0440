// gapbench export
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "compare/sqlite/export.h"
#include "records/record.h"

namespace gapbench::cli {

void add_export(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("export", "All records as one SQLite database");
  command->footer(
      "Example:\n"
      "  gapbench export results/suite --sqlite suite.sqlite\n"
      "  sqlite3 -box suite.sqlite 'SELECT dataset, method, count(*) n, avg(test_accuracy) acc\n"
      "                             FROM trials WHERE status = \"ok\" GROUP BY dataset, method'\n"
      "Tables: trials, settings, history, costs, probes, claims, verdicts, left_out, units\n"
      "(docs/compare.md).");
  struct Asked {
    std::vector<std::string> results;
    std::string file;
  };
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->results, "Folders with records")->required();
  command->add_option("--sqlite", asked->file, "The file to write; an earlier export is replaced")
      ->required()
      ->type_name("FILE");
  command->callback([=, &action] {
    action = [=] {
      const std::vector<std::filesystem::path> roots(asked->results.begin(), asked->results.end());
      const auto records = records::read_records(roots);
      const auto exported = compare::export_sqlite(records, asked->file);
      fmt::print("{}: {} trial{}, {} left out{}\n", asked->file, exported.trials,
                 exported.trials == 1 ? "" : "s", exported.left_out,
                 exported.left_out > 0 ? " (table left_out says why)" : "");
      return exported.trials == 0 ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
