// gapbench report
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/given.h"
#include "cli/question.h"
#include "compare/report/report.h"
#include "records/record.h"

namespace gapbench::cli {

void add_report(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand(
      "report", "One HTML page: the answers, tables to sort and filter, charts; needs no network");
  command->footer(
      "Examples:\n"
      "  gapbench report results/suite -o report.html\n"
      "  gapbench report results/a results/b -o both.html --baseline sgd\n"
      "  gapbench report results/suite -o equal.html --equal flops --metric "
      "test_accuracy,error_gap");
  auto asked = std::make_shared<Question>();
  auto file = std::make_shared<std::string>();
  asked->add_to(*command);
  command->add_option("-o,--output", *file, "The page; an earlier report is replaced")
      ->required()
      ->type_name("FILE");
  command->callback([=, &action] {
    action = [=] {
      const compare::CompareOptions options = asked->answered();
      const GivenRecords given(asked->results);
      const auto records = records::read_records(given.roots());
      compare::write_report(*file, compare::report(records, options));
      fmt::print("{}\n", *file);
      return records.good.empty() ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
