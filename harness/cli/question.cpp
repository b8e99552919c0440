#include "cli/question.h"

#include <filesystem>

#include "cli/commands.h"

namespace gapbench::cli {
namespace {

std::vector<std::pair<std::string, compare::At>> costs() {
  using compare::At;
  return {{"samples", At::equal_samples},
          {"flops", At::equal_flops},
          {"seconds", At::equal_seconds},
          {"steps", At::equal_steps}};
}

void add_point(CLI::App& command, Question& asked) {
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
  add_word<At>(command, "--equal", asked.equal, costs(),
               "Quality at equal cost, interpolated from the histories")
      ->excludes(at);
}

void add_images(CLI::App& command, Question& asked) {
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
  command
      .add_option("--reference", asked.options.reference,
                  "How near predictions are to those of this method, by seed: agreement, total "
                  "variation (of trials with record: {predictions: true})")
      ->option_text("METHOD");
  command.add_flag("--by-image", asked.options.by_image,
                   "Accuracy by class, agreement of methods, what image sampling explains");
}

compare::SubsetChoice subset_of(const Question& asked) {
  compare::SubsetChoice choice;
  choice.side = asked.listed.empty() ? compare::Side::not_listed : compare::Side::listed;
  const auto& files = asked.listed.empty() ? asked.not_listed : asked.listed;
  for (const std::string& file : files) choice.subsets.push_back(compare::read_subset(file));
  return choice;
}

void add_target(CLI::App& command, Question& asked) {
  using compare::At;
  auto* to = command
                 .add_option("--to", asked.to,
                             "What it cost each trial to first reach this, as in test_accuracy=0.6")
                 ->option_text("METRIC=VALUE");
  add_word<At>(command, "--cost", asked.cost, costs(), "What --to is paid in; default: samples")
      ->needs(to);
}

void add_choices(CLI::App& command, Question& asked) {
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
}

void add_sections(CLI::App& command, compare::CompareOptions& o) {
  command.add_flag("--explain", o.explain, "Print the rule that led to each transfer verdict");
  command
      .add_option("--large-batch", o.large_batch,
                  "Method whose loss against --small-batch is to be recovered")
      ->option_text("METHOD");
  command.add_option("--small-batch", o.small_batch, "Method that counts as full recovery")
      ->option_text("METHOD");
  command.add_flag("--over-problems", o.over_problems,
                   "Inter-quartile means and performance profiles over all data sets");
}

}  // namespace

void Question::add_to(CLI::App& command) {
  command.add_option("results", results, "Folders with records, or bundles")->required();
  add_choices(command, *this);
  add_images(command, *this);
  add_point(command, *this);
  add_target(command, *this);
  add_sections(command, options);
}

compare::CompareOptions Question::answered() const {
  compare::CompareOptions o = options;
  o.at = at != compare::At::final ? at : equal;
  o.subset = subset_of(*this);
  if (!to.empty()) {
    o.to = compare::parse_target(to);
    o.to->cost = cost;
  }
  return o;
}

}  // namespace gapbench::cli
