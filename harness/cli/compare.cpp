// gapbench compare
#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/commands.h"
#include "compare/table.h"
#include "gapbench/error.h"
#include "run/record.h"

namespace gapbench::cli {

void add_compare(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("compare", "The table: one row a method, per data set");
  command->footer("Example: gapbench compare results/cifar-smoke --format csv > runs.csv");
  struct Asked {
    std::vector<std::string> results;
    compare::CompareOptions options;
  };
  auto asked = std::make_shared<Asked>();
  command->add_option("results", asked->results, "Folders with records")->required();
  command->add_option("--baseline", asked->options.baseline,
                      "Method that × baseline refers to; else the suite's own");
  const std::map<std::string, compare::Format> formats{{"markdown", compare::Format::markdown},
                                                       {"csv", compare::Format::csv}};
  command->add_option("--format", asked->options.format, "markdown (default) or csv")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case))
      ->type_name("FORMAT");
  command->add_flag("--explain", asked->options.explain,
                    "Print the rule that led to each transfer verdict");
  command->add_option("--large-batch", asked->options.large_batch,
                      "Method whose loss against --small-batch is to be recovered");
  command->add_option("--small-batch", asked->options.small_batch,
                      "Method that counts as full recovery");
  command->callback([=, &action] {
    action = [=] {
      const std::vector<std::filesystem::path> roots(asked->results.begin(), asked->results.end());
      const auto records = run::read_records(roots);
      fmt::print("{}", compare::compare(records, asked->options));
      return records.good.empty() ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
