// gapbench report
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/given.h"
#include "compare/report/report.h"
#include "records/record.h"

namespace gapbench::cli {

void add_report(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "report", "One HTML page: verdicts in words, sortable tables, charts; needs no network");
  command->footer(
      "Examples:\n"
      "  gapbench report results/suite -o report.html\n"
      "  gapbench report results/a results/b -o both.html --baseline sgd");
  struct Asked {
    std::vector<std::string> results;
    std::string file;
    compare::ReportOptions options;
  };
  auto asked = std::make_shared<Asked>();
  compare::ReportOptions& o = asked->options;
  command->add_option("results", asked->results, "Folders with records, or bundles")->required();
  command->add_option("-o,--output", asked->file, "The page; an earlier report is replaced")
      ->required()
      ->type_name("FILE");
  add_selection(*command, o.selection);
  add_rows(*command, o.rows);
  command->add_option("--baseline", o.baseline,
                      "Method that others are compared with; else the suite's own");
  command->add_option("--large-batch", o.ends.large_batch,
                      "Method whose loss against --small-batch is to be recovered");
  command->add_option("--small-batch", o.ends.small_batch, "Method that counts as full recovery");
  command->add_flag("--by-image", o.by_image,
                    "Accuracy by class, agreement of methods, what image sampling explains");
  command->callback([=, &action] {
    action = [=] {
      const GivenRecords given(asked->results);
      const auto records = records::read_records(given.roots());
      compare::write_report(asked->file, compare::report(records, asked->options));
      fmt::print("{}\n", asked->file);
      return records.good.empty() ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
