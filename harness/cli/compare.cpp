// gapbench compare
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cli/commands.h"
#include "cli/given.h"
#include "cli/terminal.h"
#include "compare/compare.h"
#include "compare/plan.h"
#include "gapbench/error.h"
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

struct Asked {
  std::string to;
  compare::At cost = compare::At::equal_samples;
  std::vector<std::string> results;
  std::vector<std::string> listed;      ///< files of --subset
  std::vector<std::string> not_listed;  ///< files of --without-subset
  compare::CompareOptions options;
  std::optional<compare::Format> format;
  compare::At at = compare::At::final;
  compare::At equal = compare::At::final;
};

/// An option that takes one of a few words.
template <class T>
CLI::Option* add_word(CLI::App& command, const char* name, T& target,
                      const std::vector<std::pair<std::string, T>>& words, const char* text) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  const auto choose = [&target, words](const std::string& given) {
    for (const auto& [word, value] : words) {
      if (word == given) target = value;
    }
  };
  return command.add_option_function<std::string>(name, choose, text)
      ->check(CLI::IsMember(names))
      ->option_text(fmt::format("{}", fmt::join(names, "|")));
}

void add_point(CLI::App& command, Asked& asked) {
  using compare::At;
  auto* at = add_word<At>(command, "--at", asked.at,
                          {{"final", At::final},
                           {"best-validation", At::best_validation},
                           {"equal-train-loss", At::equal_train_loss}},
                          "Which point of each trial to report");
  command
      .add_option("--level", asked.options.level,
                  "Train loss of --at equal-train-loss; else the smallest that all trials reached")
      ->option_text("LOSS");
  add_word<At>(
      command, "--equal", asked.equal,
      {{"samples", At::equal_samples}, {"flops", At::equal_flops}, {"seconds", At::equal_seconds}},
      "Quality at equal cost, interpolated from the histories")
      ->excludes(at);
}

void add_images(CLI::App& command, Asked& asked) {
  auto* listed =
      command
          .add_option("--subset", asked.listed,
                      "Test numbers on the test images that this file lists; again for another set")
          ->allow_extra_args(false)
          ->option_text("FILE");
  command
      .add_option("--without-subset", asked.not_listed,
                  "Test numbers on all other images, as without near duplicates")
      ->allow_extra_args(false)
      ->option_text("FILE")
      ->excludes(listed);
  command.add_flag("--by-image", asked.options.by_image,
                   "Accuracy by class, agreement of methods, what image sampling explains");
}

compare::SubsetChoice subset_of(const Asked& asked) {
  compare::SubsetChoice choice;
  choice.side = asked.listed.empty() ? compare::Side::not_listed : compare::Side::listed;
  const auto& files = asked.listed.empty() ? asked.not_listed : asked.listed;
  for (const std::string& file : files) choice.subsets.push_back(compare::read_subset(file));
  return choice;
}

void add_target(CLI::App& command, Asked& asked) {
  using compare::At;
  auto* to = command
                 .add_option("--to", asked.to,
                             "What it cost each trial to first reach this, as in test_accuracy=0.6")
                 ->option_text("METRIC=VALUE");
  add_word<At>(
      command, "--cost", asked.cost,
      {{"samples", At::equal_samples}, {"flops", At::equal_flops}, {"seconds", At::equal_seconds}},
      "What --to is paid in; default: samples")
      ->needs(to);
}

void add_choices(CLI::App& command, Asked& asked) {
  using compare::Format;
  compare::CompareOptions& o = asked.options;
  add_selection(command, o.selection);
  add_rows(command, o.rows);
  command
      .add_option("--baseline", o.baseline,
                  "Method that others are compared with; else the suite's own")
      ->option_text("METHOD");
  command
      .add_option("--group-by", o.group_by,
                  "One row for equal values of these: suite, method or names of settings; else "
                  "everything but the seed")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("KEY,...");
  command.add_option("--metric", o.metrics, "What to compare; else all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->option_text("NAME,...");
  add_word<std::optional<Format>>(command, "--format", asked.format,
                                  {{"terminal", Format::terminal},
                                   {"markdown", Format::markdown},
                                   {"csv", Format::csv},
                                   {"latex", Format::latex},
                                   {"json", Format::json}},
                                  "Default: terminal on a terminal, else markdown");
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("compare", "The table: one row a method, per data set");
  command->footer(footer);
  auto asked = std::make_shared<Asked>();
  compare::CompareOptions& o = asked->options;
  command->add_option("results", asked->results, "Folders with records, or bundles")->required();
  add_choices(*command, *asked);
  add_images(*command, *asked);
  add_point(*command, *asked);
  add_target(*command, *asked);
  command->add_flag("--explain", o.explain, "Print the rule that led to each transfer verdict");
  command
      ->add_option("--large-batch", o.large_batch,
                   "Method whose loss against --small-batch is to be recovered")
      ->option_text("METHOD");
  command->add_option("--small-batch", o.small_batch, "Method that counts as full recovery")
      ->option_text("METHOD");
  command->add_flag("--over-problems", o.over_problems,
                    "Inter-quartile means and performance profiles over all data sets");
  auto plan = std::make_shared<bool>(false);
  command->add_flag("--plan", *plan,
                    "Only say how many more seeds the open claims are likely to need");
  command->callback([=, &action] {
    action = [=] {
      compare::CompareOptions options = asked->options;
      options.at = asked->at != compare::At::final ? asked->at : asked->equal;
      options.subset = subset_of(*asked);
      const auto screen = terminal();
      options.format =
          asked->format.value_or(screen ? compare::Format::terminal : compare::Format::markdown);
      options.style = screen.value_or(compare::TerminalStyle{});
      if (!asked->to.empty()) {
        options.to = compare::parse_target(asked->to);
        options.to->cost = asked->cost;
      }
      const GivenRecords given(asked->results);
      const auto records = records::read_records(given.roots());
      fmt::print("{}", *plan ? compare::plan_text(records) : compare::compare(records, options));
      return records.good.empty() ? usage_error : all_ok;
    };
  });
}

}  // namespace gapbench::cli
