// gapbench compare
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/given.h"
#include "cli/question.h"
#include "cli/terminal.h"
#include "compare/compare.h"
#include "compare/plan.h"
#include "records/record.h"

namespace gapbench::cli {
namespace {

constexpr const char* footer =
    "Examples:\n"
    "  gapbench compare results/suite                          Markdown; --explain for the rules\n"
    "  gapbench compare results/suite --format latex > t.tex   pdflatex t.tex, or \\input{t}\n"
    "  gapbench compare old/suite new/suite --metric test_accuracy,loss_gap\n"
    "  gapbench compare results/suite --group-by optimizer,batch\n"
    "  gapbench compare results/suite --at equal-train-loss --without slow\n"
    "  gapbench compare results/suite --equal flops            quality at equal cost\n"
    "  gapbench compare results/suite --to test_accuracy=0.6 --cost flops\n"
    "  gapbench compare results/suite --large-batch lb --small-batch sb\n"
    "Metrics: train_accuracy test_accuracy train_loss test_loss error_gap loss_gap\n"
    "averaged_accuracy test_nll rmse ece brier entropy gibbs_loss draws (of predictions)\n"
    "gradient_samples flops train_seconds peak_memory probe.PROBE.METRIC";

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  using compare::Format;
  auto* command = app.add_subcommand("compare", "The table: one row a method, per data set");
  command->footer(footer);
  auto asked = std::make_shared<Question>();
  asked->add_to(*command);
  auto format = std::make_shared<std::optional<Format>>();
  add_word<std::optional<Format>>(*command, "--format", *format,
                                  {{"terminal", Format::terminal},
                                   {"markdown", Format::markdown},
                                   {"csv", Format::csv},
                                   {"latex", Format::latex},
                                   {"json", Format::json}},
                                  "Default: terminal on a terminal, else markdown");
  auto plan = std::make_shared<bool>(false);
  command->add_flag("--plan", *plan,
                    "Only say how many more seeds the open claims are likely to need");
  command->callback([=, &action] {
    action = [=] {
      compare::CompareOptions options = asked->answered();
      const auto screen = terminal();
      options.format = format->value_or(screen ? Format::terminal : Format::markdown);
      options.style = screen.value_or(compare::TerminalStyle{});
      const GivenRecords given(asked->results);
      const auto records = records::read_records(given.roots());
      fmt::print("{}", *plan ? compare::plan_text(records) : compare::compare(records, options));
      return records.good.empty() ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
